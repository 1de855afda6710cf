import { EditorView } from "@codemirror/view";

/** Characters that other extensions wrap a selection with, or complete. */
const BRACKETS = /^[()[\]{}'"`]$/;

/**
 * Typing over a selection is done by the editor, not by the browser. The browser would carry the replaced text's look
 * over as style attributes, which a strict content security policy reports as violations.
 */
export const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType } = event;
    if (inputType !== "insertText" || data === null || BRACKETS.test(data)) return false;
    if (view.composing || view.state.readOnly || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});
