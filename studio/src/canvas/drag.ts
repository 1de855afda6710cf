import type { OutlineIndex } from "../document/outline_index";
import { mayConnect } from "./drop";
import { END } from "./graph";
import type { Box, Point } from "./layout";

/** What is dragged: tasks, the way on of a task, a new task out of the list of them, or a rectangle around tasks. */
export type Dragged =
  | { what: "move"; refs: readonly string[] }
  | { what: "connect"; ref: string }
  | { what: "new"; item: string }
  /** `from` in the canvas's own coordinates: the canvas may move meanwhile. */
  | { what: "area"; from: Point };

/** A press that may become a drag, then the drag. */
export interface Drag {
  dragged: Dragged;
  from: Point;
  at: Point;
  moved: boolean;
}

export const MOVES_AFTER_PX = 5;

/** What a press takes hold of. `chosen` moves together. */
export function pressed(event: PointerEvent, chosen: readonly string[], toCanvas: (point: Point) => Point): Dragged | null {
  if (!(event.target instanceof Element) || event.target.closest("input, button") !== null) return null;
  const handle = event.target.closest<HTMLElement>("[data-connect]");
  if (handle?.dataset.connect !== undefined) return { what: "connect", ref: handle.dataset.connect };
  // A finger scrolls and zooms; it does not drag tasks about.
  if (event.pointerType === "touch") return null;
  const item = event.target.closest<HTMLElement>("[data-new]")?.dataset.new;
  if (item !== undefined) return { what: "new", item };
  const ref = event.target.closest<HTMLElement>("[data-draggable]")?.dataset.task;
  if (ref !== undefined) return { what: "move", refs: chosen.includes(ref) ? chosen : [ref] };
  return onPane(event) && event.shiftKey ? { what: "area", from: toCanvas({ x: event.clientX, y: event.clientY }) } : null;
}

/** On the ground of the canvas, not on anything that lies on it. */
export const onPane = (event: Event): boolean => event.target instanceof Element && event.target.closest(".react-flow__pane") !== null;

/** The task under the pointer that the dragged way may lead to; `end` for the end of the workflow. */
export function targetAt(index: OutlineIndex, ref: string, at: Point): string | null {
  const element = document.elementFromPoint(at.x, at.y);
  if (element?.closest(".react-flow__node-end") && index.byRef.get(ref)?.list.holder === null) return END;
  const target = element?.closest<HTMLElement>("[data-task]")?.dataset.task;
  return target !== undefined && mayConnect(index, ref, target) ? target : null;
}

export function inFrame(frame: HTMLElement | null, at: Point): boolean {
  const box = frame?.getBoundingClientRect();
  return box !== undefined && at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom;
}

export const areaBetween = (a: Point, b: Point): Box => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
});

/** The click that ends a drag chooses nothing. */
export function swallowClick(): void {
  const stop = (event: Event) => event.stopPropagation();
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
}
