import type { Point } from "./layout";

interface Size {
  width: number;
  height: number;
}

export interface Viewport extends Point {
  zoom: number;
}

const MARGIN = 28;
const ZOOM_MAX = 1;
/** Below this the words on a card cannot be read. */
const ZOOM_READABLE = 0.62;
const HALF_CARD: Point = { x: 112, y: 28 };

/**
 * What to show first: everything, when that can be read. Else the graph at a readable size, from its beginning or
 * around the task in focus; the rest is a scroll away.
 */
export function firstView(graph: Size, pane: Size, focus: Point | null): Viewport {
  const fit = Math.min((pane.width - 2 * MARGIN) / graph.width, (pane.height - 2 * MARGIN) / graph.height, ZOOM_MAX);
  const zoom = Math.max(fit, ZOOM_READABLE);
  const middle: Point = { x: pane.width / 2 - (graph.width / 2) * zoom, y: pane.height / 2 - (graph.height / 2) * zoom };
  if (fit >= ZOOM_READABLE) return { ...middle, zoom };
  const around: Point | null = focus && {
    x: pane.width / 2 - (focus.x + HALF_CARD.x) * zoom,
    y: pane.height / 2 - (focus.y + HALF_CARD.y) * zoom,
  };
  return {
    x: graph.width * zoom <= pane.width ? middle.x : within(around?.x ?? middle.x, pane.width, graph.width * zoom),
    y: graph.height * zoom <= pane.height ? middle.y : within(around?.y ?? MARGIN, pane.height, graph.height * zoom),
    zoom,
  };
}

/** Keeps the graph's ends at the pane's ends: no empty half beside a graph that is too large to be seen whole. */
function within(at: number, pane: number, graph: number): number {
  return Math.min(MARGIN, Math.max(pane - graph - MARGIN, at));
}
