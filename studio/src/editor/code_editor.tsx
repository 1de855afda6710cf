import { setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Diagnostic } from "../api/types";
import { editorExtensions, type Language } from "./extensions";
import { minimalChange } from "./minimal_change";

export interface Reveal {
  line: number;
  column: number;
  /** A new number for every request, so that the same place can be asked for twice. */
  nonce: number;
  focus: boolean;
}

interface Props {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label: string;
  compact?: boolean;
  readOnly?: boolean;
  diagnostics?: Diagnostic[];
  reveal?: Reveal | null;
  onLine?: (line: number) => void;
}

/** CodeMirror in a shadow root: there it uses constructed style sheets, which a strict content security policy allows. */
export default function CodeEditor(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  const locks = useRef(new Compartment());
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const { value, language, compact = false, label } = latest.current;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const updates = EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
      if (update.selectionSet) latest.current.onLine?.(update.state.doc.lineAt(update.state.selection.main.head).number);
    });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [editorExtensions(language, compact, label), locks.current.of([]), updates],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const shown = editor.state.doc.toString();
    if (shown !== props.value) editor.dispatch({ changes: minimalChange(shown, props.value) });
  }, [props.value]);

  useEffect(() => {
    const locked = [EditorState.readOnly.of(props.readOnly === true), EditorView.editable.of(props.readOnly !== true)];
    view.current?.dispatch({ effects: locks.current.reconfigure(locked) });
  }, [props.readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || props.diagnostics === undefined) return;
    editor.dispatch(setDiagnostics(editor.state, props.diagnostics.map((one) => toMark(one, editor.state.doc))));
  }, [props.diagnostics]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || props.reveal === null || props.reveal === undefined) return;
    const at = offset(editor.state.doc, props.reveal.line, props.reveal.column);
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    if (props.reveal.focus) editor.focus();
  }, [props.reveal]);

  return <div ref={host} className="h-full min-h-0 flex-1 overflow-hidden" data-editor={props.label} />;
}

function toMark(diagnostic: Diagnostic, doc: Text): Mark {
  const from = offset(doc, diagnostic.line, diagnostic.column);
  const end = offset(doc, diagnostic.end_line, diagnostic.end_column);
  const lineEnd = doc.lineAt(from).to;
  return {
    from,
    to: end > from ? end : Math.max(from, lineEnd),
    severity: diagnostic.severity,
    message: [diagnostic.message, diagnostic.hint].filter(Boolean).join("\n"),
    source: diagnostic.code,
  };
}

/** Lines and columns from the server are 1-based, and may be of a text that has changed since. */
function offset(doc: Text, line: number, column: number): number {
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}
