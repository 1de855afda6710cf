import { setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import type { EditorState, Text, TransactionSpec } from "@codemirror/state";
import type { Diagnostic } from "../api/types";
import { offsetOf } from "./position";

/** What the compiler found, as underlines in the text. */
export function showDiagnostics(state: EditorState, diagnostics: Diagnostic[]): TransactionSpec {
  return setDiagnostics(state, diagnostics.map((one) => toMark(one, state.doc)));
}

function toMark(diagnostic: Diagnostic, doc: Text): Mark {
  const from = offsetOf(doc, diagnostic);
  const end = offsetOf(doc, { line: diagnostic.end_line, column: diagnostic.end_column });
  const lineEnd = doc.lineAt(from).to;
  return {
    from,
    to: end > from ? end : Math.max(from, lineEnd),
    severity: diagnostic.severity,
    message: [diagnostic.message, diagnostic.hint].filter(Boolean).join("\n"),
    source: diagnostic.code,
  };
}
