import { hoverTooltip, type EditorView, type Tooltip } from "@codemirror/view";
import { hoverAt } from "../api/language";
import type { Ask } from "./complete";
import { markdownElement } from "./markdown_dom";
import { offsetOf, positionOf } from "./position";

const RESTS_MS = 350;

/** What the compiler knows of the word under the pointer. A pointer that has moved on gives the last request up. */
export function hoverByServer(ask: Ask) {
  let asking = new AbortController();
  const explain = async (view: EditorView, pos: number): Promise<Tooltip | null> => {
    asking.abort();
    asking = new AbortController();
    const shown = view.state.doc;
    const question = ask(shown, pos);
    if (question === null) return null;
    try {
      const answer = await hoverAt(question.doc.toString(), positionOf(question.doc, question.at), asking.signal);
      if (answer === null || view.state.doc !== shown) return null;
      return {
        pos: question.back(offsetOf(question.doc, answer.range.from)),
        end: question.back(offsetOf(question.doc, answer.range.to)),
        above: true,
        create: () => ({ dom: markdownElement(answer.markdown) }),
      };
    } catch {
      return null;
    }
  };
  return hoverTooltip(explain, { hoverTime: RESTS_MS });
}
