import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef, type RefObject } from "react";
import { minimalChange } from "./minimal_change";

interface Options {
  value: string;
  /** Asked once, when the editor is made. */
  extensions: () => Extension;
  onChange?: ((value: string) => void) | undefined;
  /** The focus has left it. */
  onLeave?: (() => void) | undefined;
}

/**
 * An editor that shows `value`, for the element that gets the ref. It lives in a shadow root, where CodeMirror's styles are allowed by
 * the content security policy.
 */
export function useShadowEditor(options: Options): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open", delegatesFocus: true });
    const updates = EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
      if (update.focusChanged && !update.view.hasFocus) latest.current.onLeave?.();
    });
    const state = EditorState.create({ doc: latest.current.value, extensions: [latest.current.extensions(), updates] });
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
    if (shown !== options.value) editor.dispatch({ changes: minimalChange(shown, options.value) });
  }, [options.value]);

  return host;
}
