import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { fieldExtensions, type Language } from "./extensions";
import { minimalChange } from "./minimal_change";

interface Props {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label: string;
}

/** A field with a little code. Like the document's editor it lives in a shadow root, for the content security policy. */
export default function CodeEditor(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const { value, language, label } = latest.current;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const updates = EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
    });
    const state = EditorState.create({ doc: value, extensions: [fieldExtensions(language, label), updates] });
    const editor = new EditorView({ root, parent: root, state });
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

  return <div ref={host} className="h-full min-h-0 flex-1 overflow-hidden" data-editor={props.label} />;
}
