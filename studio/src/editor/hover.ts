import { hoverTooltip, type EditorView, type Tooltip } from "@codemirror/view";
import { hoverAt } from "../api/language";
import { markdownElement } from "./markdown_dom";
import { offsetOf, positionOf } from "./position";

const RESTS_MS = 350;

/** What the compiler knows of the word under the pointer. A pointer that has moved on gives the last request up. */
export function hoverByServer() {
  let asking = new AbortController();
  const ask = async (view: EditorView, pos: number): Promise<Tooltip | null> => {
    asking.abort();
    asking = new AbortController();
    const { doc } = view.state;
    try {
      const answer = await hoverAt(doc.toString(), positionOf(doc, pos), asking.signal);
      if (answer === null || view.state.doc !== doc) return null;
      return {
        pos: offsetOf(doc, answer.range.from),
        end: offsetOf(doc, answer.range.to),
        above: true,
        create: () => ({ dom: markdownElement(answer.markdown) }),
      };
    } catch {
      return null;
    }
  };
  return hoverTooltip(ask, { hoverTime: RESTS_MS });
}
