import type { Graph } from "./graph";
import type { Layout } from "./layout";

export type Direction = "up" | "down" | "left" | "right";

/** The nearest task in a direction, for the arrow keys: straight ahead counts more than to the side. */
export function neighbour(graph: Graph, layout: Layout, from: string, direction: Direction): string | null {
  const here = centre(graph, layout, from);
  if (here === null) return null;
  let best: string | null = null;
  let bestCost = Infinity;
  for (const node of graph.nodes) {
    if (node.task === undefined || node.role === "catch" || node.id === from) continue;
    const there = centre(graph, layout, node.id);
    if (there === null) continue;
    const along = { up: here.y - there.y, down: there.y - here.y, left: here.x - there.x, right: there.x - here.x }[direction];
    const aside = direction === "up" || direction === "down" ? Math.abs(there.x - here.x) : Math.abs(there.y - here.y);
    const cost = along + aside * 2;
    if (along > 4 && cost < bestCost) {
      best = node.id;
      bestCost = cost;
    }
  }
  return best;
}

/** Centre of a task; of a container, that of its header, which is what one sees of it. */
function centre(graph: Graph, layout: Layout, id: string): { x: number; y: number } | null {
  const at = absolute(graph, layout, id);
  const box = layout.boxes.get(id);
  return at === null || box === undefined ? null : { x: at.x + box.width / 2, y: at.y + Math.min(box.height, 56) / 2 };
}

const known = new WeakMap<Graph, Map<string, string | null>>();

function parentsOf(graph: Graph): Map<string, string | null> {
  const found = known.get(graph) ?? new Map(graph.nodes.map((node) => [node.id, node.parent]));
  known.set(graph, found);
  return found;
}

export function absolute(graph: Graph, layout: Layout, id: string): { x: number; y: number } | null {
  const parents = parentsOf(graph);
  let x = 0;
  let y = 0;
  let current: string | null = id;
  while (current !== null) {
    const box = layout.boxes.get(current);
    if (box === undefined) return null;
    x += box.x;
    y += box.y;
    const key: string = current;
    current = parents.get(key) ?? null;
  }
  return { x, y };
}
