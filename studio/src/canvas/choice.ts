import type { Graph } from "./graph";
import type { Box, Layout } from "./layout";
import { boxOf } from "./drop";

/** Which tasks are chosen together; the first is the one that keys and form are about. */

/** With one more, which comes first; or without it. */
export const toggled = (chosen: readonly string[], ref: string): string[] =>
  chosen.includes(ref) ? chosen.filter((one) => one !== ref) : [ref, ...chosen];

export const extended = (chosen: readonly string[], ref: string): string[] => [ref, ...chosen.filter((one) => one !== ref)];

/** The tasks that a rectangle touches; of those that hold others only what lies in it as a whole. */
export function tasksIn(graph: Graph, layout: Layout, area: Box): string[] {
  return graph.nodes.flatMap((node) => {
    if (node.task === undefined || node.role === "catch") return [];
    const box = boxOf(graph, layout, node.id);
    return box !== null && (node.shape === "container" ? holds(area, box) : touches(area, box)) ? [node.id] : [];
  });
}

const touches = (a: Box, b: Box): boolean => a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
const holds = (a: Box, b: Box): boolean => a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;
