import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The editor in the colours of the design tokens. Lint marks are text decorations: no data: images, by policy. */
const wavy = (color: string) => ({
  backgroundImage: "none",
  textDecoration: `underline wavy ${color}`,
  textDecorationSkipInk: "none",
  textUnderlineOffset: "3px",
  paddingBottom: "0",
});

const view = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--n12)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace', lineHeight: "20px", fontVariantLigatures: "none", fontFeatureSettings: '"calt" 0' },
  ".cm-content": { padding: "10px 0", caretColor: "var(--n12)" },
  ".cm-line": { padding: "0 16px 0 8px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--n10)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 14px", minWidth: "34px" },
  ".cm-foldGutter .cm-gutterElement": { color: "var(--n10)", padding: "0 2px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--n4) 42%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--n12)" },
  ".cm-cursor": { borderLeftColor: "var(--n12)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 24%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 14%, transparent)" },
  ".cm-matchingBracket": { backgroundColor: "var(--n4)", outline: "1px solid var(--n6)" },
  ".cm-lintRange-error": wavy("var(--bar-faulted)"),
  ".cm-lintRange-warning": wavy("var(--bar-waiting)"),
  ".cm-lintRange-hint, .cm-lintRange-info": wavy("var(--bar-running)"),
  ".cm-lintPoint:after": { display: "none" },
  ".cm-tooltip": {
    border: "none",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    color: "var(--n12)",
    boxShadow: "var(--shadow-pop)",
    fontFamily: '"Inter Variable", system-ui, sans-serif',
    overflow: "hidden",
  },
  ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--bar-running)", maxWidth: "460px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bar-faulted)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--bar-waiting)" },
  ".cm-markdown": { padding: "8px 12px", maxWidth: "440px", maxHeight: "320px", overflowY: "auto", fontSize: "12.5px", lineHeight: "18px" },
  ".cm-markdown > *": { margin: "0 0 6px" },
  ".cm-markdown > :last-child": { marginBottom: "0" },
  ".cm-markdown h4": { fontSize: "13px", fontWeight: "600" },
  ".cm-markdown ul": { paddingLeft: "18px" },
  ".cm-markdown a": { color: "var(--accent-ink)" },
  ".cm-markdown code": { fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace', fontSize: "11.5px", backgroundColor: "var(--n3)", borderRadius: "3px", padding: "1px 4px" },
  ".cm-markdown pre": { backgroundColor: "var(--sunken)", borderRadius: "6px", padding: "6px 8px", overflowX: "auto" },
  ".cm-markdown pre code": { padding: "0", backgroundColor: "transparent", whiteSpace: "pre" },
  // The documentation of an item stands beside the list, outside of its box.
  ".cm-tooltip.cm-tooltip-autocomplete": { overflow: "visible" },
  ".cm-tooltip-autocomplete > ul": { borderRadius: "8px", maxHeight: "min(280px, 40vh) !important" },
  ".cm-completionInfo": { padding: "0", maxWidth: "440px" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--n12)", borderColor: "var(--n5) !important" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--n6)", borderRadius: "4px", color: "inherit" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--n4)", border: "none", borderRadius: "4px", color: "inherit" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft) !important", color: "var(--n12) !important" },
  ".cm-completionDetail": { color: "var(--n10)", fontStyle: "normal" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--n4)", border: "none", color: "var(--n10)", padding: "0 4px" },
});

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--syntax-key)" },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: "var(--syntax-string)" },
  { tag: tags.number, color: "var(--syntax-number)" },
  { tag: [tags.bool, tags.null, tags.keyword, tags.atom], color: "var(--syntax-atom)" },
  { tag: tags.comment, color: "var(--syntax-comment)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--n10)" },
]);

export const editorTheme = [view, syntaxHighlighting(highlight)];

/** Within a field of a form: as small and as tight as the other fields. */
export const fieldTheme = EditorView.theme({
  "&": { height: "auto", fontSize: "12px", backgroundColor: "transparent" },
  ".cm-scroller": { lineHeight: "20px", maxHeight: "240px", scrollbarWidth: "none" },
  ".cm-content": { padding: "5px 0" },
  ".cm-line": { padding: "0 8px" },
});
