import type { Place } from "../document/gestures";
import { holdsSteps, listPointer, within, type OutlineIndex, type TaskList } from "../document/outline_index";
import { slotId, type Graph, type GraphNode } from "./graph";
import type { Box, Layout, Point } from "./layout";
import { absolute } from "./walk";

/** Where a dragged task would go, and the bar that shows it, in the canvas's coordinates. */
export interface Drop {
  place: Place;
  bar: Box;
}

/** Of a container the header belongs to the list around it: pointing there means beside the container, not into it. */
const HEADER = 40;
const CATCH_HEADER = 8;
const GAP = 18;
const BAR = 3;
const FALLBACK: Box = { x: 0, y: 0, width: 224, height: 0 };

export function dropAt(graph: Graph, layout: Layout, index: OutlineIndex, dragged: readonly string[], point: Point): Drop | null {
  const scope = innermost(graph, layout, dragged, point);
  const list = index.lists.get(listOf(scope));
  if (list === undefined || dragged.some((ref) => (index.byRef.get(ref)?.task.role === "step") !== holdsSteps(list))) return null;
  const boxes = list.tasks.map((task) => boxOf(graph, layout, task.ref));
  if (boxes.length === 0) {
    const slot = boxOf(graph, layout, slotId(list.pointer)) ?? FALLBACK;
    return { place: { list: list.pointer, at: 0 }, bar: { x: slot.x + slot.width / 2 - 60, y: slot.y + slot.height / 2, width: 120, height: BAR } };
  }
  return nearest(list, boxes, point);
}

function innermost(graph: Graph, layout: Layout, dragged: readonly string[], point: Point): GraphNode | null {
  let found: GraphNode | null = null;
  let smallest = Infinity;
  for (const node of graph.nodes) {
    if (node.shape !== "container" || dragged.some((ref) => within(node.id.replace(/#catch$/, ""), ref))) continue;
    const box = boxOf(graph, layout, node.id);
    if (box === null || !inside(box, point, node.role === "catch" ? CATCH_HEADER : HEADER)) continue;
    const area = box.width * box.height;
    if (area < smallest) [found, smallest] = [node, area];
  }
  return found;
}

function listOf(scope: GraphNode | null): string {
  if (scope?.task === undefined) return "/do";
  if (scope.role === "catch") return listPointer(scope.task, "catch");
  return listPointer(scope.task, scope.task.branches === undefined ? "children" : "branches");
}

/** The gap nearest to the pointer. Branches lie side by side, so theirs are at the left and the right. */
function nearest(list: TaskList, boxes: (Box | null)[], point: Point): Drop | null {
  const across = list.part === "branches";
  let best: Drop | null = null;
  let bestDistance = Infinity;
  boxes.forEach((box, at) => {
    if (box === null) return;
    for (const after of [0, 1]) {
      const bar = across
        ? { x: after === 0 ? box.x - GAP : box.x + box.width + GAP - BAR, y: box.y, width: BAR, height: box.height }
        : { x: box.x, y: after === 0 ? box.y - GAP : box.y + box.height + GAP - BAR, width: box.width, height: BAR };
      const distance = distanceTo(bar, point);
      if (distance < bestDistance) [best, bestDistance] = [{ place: { list: list.pointer, at: at + after }, bar }, distance];
    }
  });
  return best;
}

function distanceTo(box: Box, point: Point): number {
  const dx = Math.max(box.x - point.x, 0, point.x - box.x - box.width);
  const dy = Math.max(box.y - point.y, 0, point.y - box.y - box.height);
  return Math.hypot(dx, dy);
}

const inside = (box: Box, { x, y }: Point, header: number): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y + header && y <= box.y + box.height;

export function boxOf(graph: Graph, layout: Layout, id: string): Box | null {
  const at = absolute(graph, layout, id);
  const box = layout.boxes.get(id);
  return at === null || box === undefined ? null : { ...at, width: box.width, height: box.height };
}

/** Whether a task may lead to another: flow stays inside a list. */
export function mayConnect(index: OutlineIndex, from: string, to: string): boolean {
  const source = index.byRef.get(from);
  const target = index.byRef.get(to);
  return source !== undefined && target !== undefined && from !== to && !holdsSteps(source.list) && source.list.pointer === target.list.pointer;
}

