import { EditorState, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Ask } from "../editor/complete";
import { valueExtensions } from "../editor/extensions";
import { minimalChange } from "../editor/minimal_change";
import type { FormTask } from "./form_context";

interface Props {
  label: string;
  value: string;
  /** What the compiler is asked when the cursor is in the text. */
  probe: (text: string) => ReturnType<FormTask["probe"]>;
  /** Only what is inside of `${ }` is an expression. */
  partly: boolean;
  onChange: (text: string) => void;
  onLeave: () => void;
}

/** An expression, or a value that may hold one, with the compiler's help. In a shadow root, for the content security policy. */
export default function ValueEditor(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const { value, label, partly } = latest.current;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open", delegatesFocus: true });
    const ask: Ask = (doc, at) => {
      const text = doc.toString();
      if (latest.current.partly && !text.slice(0, at).includes("${")) return null;
      const probe = latest.current.probe(text);
      return probe === null ? null : { doc: Text.of(probe.source.split("\n")), at: probe.toSource(at), back: probe.toField };
    };
    const updates = EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange(update.state.doc.toString());
      if (update.focusChanged && !update.view.hasFocus) latest.current.onLeave();
    });
    const editor = new EditorView({ root, parent: root, state: EditorState.create({ doc: value, extensions: [valueExtensions(ask, label, partly), updates] }) });
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
  return <div ref={host} data-value-editor className="min-w-0 flex-1" />;
}
