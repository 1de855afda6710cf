import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { t } from "../messages";
import { asIs, completeByServer, type Ask } from "./complete";
import { hoverByServer } from "./hover";
import { yamlIndent } from "./indent";
import { editorTheme, fieldTheme } from "./theme";
import { typeOver } from "./type_over";

export type Language = "yaml" | "json";

const language = (name: Language) => (name === "yaml" ? [yaml(), yamlIndent] : json());

/** A workflow document: with line numbers, folds, and the compiler's help. */
export function documentExtensions(name: Language, label: string): Extension[] {
  return [
    lineNumbers(),
    foldGutter({ openText: "⌄", closedText: "›" }),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    language(name),
    compilerHelp(asIs),
    common(label),
  ];
}

const compilerHelp = (ask: Ask): Extension[] => [
  autocompletion({ override: [completeByServer(ask)], icons: false, activateOnTypingDelay: 120, updateSyncTime: 60 }),
  hoverByServer(ask),
];

/** A value of a form that may be, or hold, an expression. Tab leaves it; where it has one line only, no line break gets in. */
export function valueExtensions(ask: Ask, label: string, oneLine: boolean): Extension[] {
  return [
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    compilerHelp(ask),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
    fieldTheme,
    editorTheme,
    typeOver,
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter" && !(oneLine && binding.key === "Enter")), ...historyKeymap]),
    EditorView.lineWrapping,
    oneLine ? EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change)) : [],
  ];
}

/** A field of a form that holds a little YAML or JSON. */
export function fieldExtensions(name: Language, label: string): Extension[] {
  return [language(name), name === "json" ? linter(jsonParseLinter(), { delay: 250 }) : [], common(label)];
}

function common(label: string): Extension[] {
  return [
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    search({ top: true }),
    highlightSelectionMatches(),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-description": t.editor.leave, tabindex: "0" }),
    editorTheme,
    typeOver,
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      // Escape, then Tab, still leaves the editor.
      indentWithTab,
    ]),
  ];
}
