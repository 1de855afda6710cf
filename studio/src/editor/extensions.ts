import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { completeByServer } from "./complete";
import { hoverByServer } from "./hover";
import { yamlIndent } from "./indent";
import { editorTheme } from "./theme";
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
    autocompletion({ override: [completeByServer], icons: false, activateOnTypingDelay: 120, updateSyncTime: 60 }),
    hoverByServer(),
    common(label),
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
    EditorView.contentAttributes.of({ "aria-label": label }),
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
