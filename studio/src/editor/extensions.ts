import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { completeTask } from "./complete";
import { editorTheme } from "./theme";
import { typeOver } from "./type_over";

export type Language = "yaml" | "json";

export function editorExtensions(language: Language, compact: boolean, label: string): Extension[] {
  const numbers = compact ? [] : [lineNumbers(), foldGutter({ openText: "⌄", closedText: "›" }), highlightActiveLine(), highlightActiveLineGutter()];
  return [
    numbers,
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    search({ top: true }),
    highlightSelectionMatches(),
    language === "yaml"
      ? [yaml(), autocompletion({ override: [completeTask], icons: false })]
      : [json(), linter(jsonParseLinter(), { delay: 250 })],
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
