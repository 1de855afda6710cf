import type { ElkNode } from "elkjs/lib/elk-api";
import type { Graph, GraphEdge, GraphNode } from "./graph";
import { layoutSegment, type Arranged, type Piece } from "./layout_segment";
import { segmentOf, segmentsOf } from "./segments";

/** From graph to boxes and paths, one list of tasks after the other, the innermost first. The engine itself is in elk.ts. */
export interface Box {
  /** Relative to the parent container. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface EdgeRoute {
  points: Point[];
  label?: Point;
}

export interface Layout {
  boxes: Map<string, Box>;
  /** From the canvas's one origin. */
  routes: Map<string, EdgeRoute>;
  width: number;
  height: number;
}

export type Engine = (graph: ElkNode) => Promise<ElkNode>;

const TASK = { width: 224, height: 56 };
const CONDITION_HEIGHT = 22;
const HEADER_HEIGHT = 48;
const CATCH_HEADER_HEIGHT = 26;
const PILL = { width: 68, height: 26 };
const DOT = { width: 8, height: 8 };
const SLOT = { width: 28, height: 22 };
const ROOT_PADDING = 8;
const PADDING = 20;
const BELOW_HEADER = 14;

interface Size {
  width: number;
  height: number;
}

function sizeOf(node: GraphNode): Size {
  if (node.shape === "start" || node.shape === "end") return PILL;
  if (node.shape === "junction") return DOT;
  if (node.shape === "slot") return SLOT;
  const extra = node.task?.if === undefined ? 0 : CONDITION_HEIGHT;
  return { width: TASK.width, height: TASK.height + extra };
}

interface Scope {
  /** The container; null is the canvas. */
  holder: GraphNode | null;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export async function layoutGraph(graph: Graph, engine: Engine): Promise<Layout> {
  const scopes = scopesOf(graph);
  const sizes = new Map<string, Size>();
  const arranged = new Map<string | null, Arranged & { offset: Point }>();
  for (const scope of scopes) {
    const content = await layoutScope(scope, (node) => sizes.get(node.id) ?? sizeOf(node), engine);
    const { size, offset } = around(scope.holder, content);
    arranged.set(scope.holder?.id ?? null, { ...content, offset });
    sizes.set(scope.holder?.id ?? "", size);
  }
  return assemble(scopes, arranged, sizes);
}

/** Each container with what stands in it, the innermost first, the canvas last. A container comes before what it holds. */
function scopesOf(graph: Graph): Scope[] {
  const scopes = new Map<string | null, Scope>([[null, { holder: null, nodes: [], edges: [] }]]);
  for (const node of graph.nodes) {
    scopes.get(node.parent)?.nodes.push(node);
    if (node.shape === "container") scopes.set(node.id, { holder: node, nodes: [], edges: [] });
  }
  for (const edge of graph.edges) scopes.get(edge.scope)?.edges.push(edge);
  return [...scopes.values()].reverse();
}

/** The segments of a list below one another: each begins where the one before has put its last node. */
async function layoutScope({ nodes, edges }: Scope, size: (node: GraphNode) => Size, engine: Engine): Promise<Arranged> {
  const position = new Map(nodes.map((node, at) => [node.id, at]));
  const spanOf = (edge: GraphEdge): [number, number] => [position.get(edge.source) ?? 0, position.get(edge.target) ?? 0];
  const segments = segmentsOf(nodes.length, edges.map(spanOf));
  const parts = segments.map(() => [] as GraphEdge[]);
  for (const edge of edges) parts[segmentOf(segments, spanOf(edge))]?.push(edge);
  const laid = await Promise.all(
    segments.map(({ from, to }, at) => {
      const pieces = nodes.slice(from, to + 1).map((node): Piece => ({ id: node.id, ...size(node), place: node.shape === "start" ? "first" : node.shape === "end" ? "last" : undefined }));
      return layoutSegment(pieces, parts[at] ?? [], engine);
    }),
  );
  return stacked(laid, segments.map(({ from, to }) => [nodes[from]?.id ?? "", nodes[to]?.id ?? ""]));
}

function stacked(parts: Arranged[], ends: string[][]): Arranged {
  const boxes = new Map<string, Box>();
  const routes = new Map<string, EdgeRoute>();
  const bounds = { left: 0, top: 0, right: 0, bottom: 0 };
  parts.forEach((part, at) => {
    const first = ends[at]?.[0] ?? "";
    const [own, known] = [part.boxes.get(first), boxes.get(first)];
    const by = own === undefined || known === undefined ? { x: 0, y: 0 } : { x: known.x - own.x, y: known.y - own.y };
    for (const [id, box] of part.boxes) boxes.set(id, { ...box, x: box.x + by.x, y: box.y + by.y });
    for (const [id, route] of part.routes) routes.set(id, moved(route, by));
    bounds.left = Math.min(bounds.left, by.x);
    bounds.top = Math.min(bounds.top, by.y);
    bounds.right = Math.max(bounds.right, by.x + part.width);
    bounds.bottom = Math.max(bounds.bottom, by.y + part.height);
  });
  const back = { x: -bounds.left, y: -bounds.top };
  return {
    boxes: new Map([...boxes].map(([id, box]) => [id, { ...box, x: box.x + back.x, y: box.y + back.y }])),
    routes: new Map([...routes].map(([id, route]) => [id, moved(route, back)])),
    width: bounds.right - bounds.left,
    height: bounds.bottom - bounds.top,
  };
}

/** The size of a container around its content, and where the content begins in it. */
function around(holder: GraphNode | null, content: Size): { size: Size; offset: Point } {
  if (holder === null) {
    return { size: { width: content.width + 2 * ROOT_PADDING, height: content.height + 2 * ROOT_PADDING }, offset: { x: ROOT_PADDING, y: ROOT_PADDING } };
  }
  const isCatch = holder.role === "catch";
  const header = (isCatch ? CATCH_HEADER_HEIGHT : HEADER_HEIGHT) + (holder.task?.if === undefined || isCatch ? 0 : CONDITION_HEIGHT);
  const top = header + BELOW_HEADER;
  const width = Math.max(TASK.width, content.width + 2 * PADDING);
  const height = Math.max(HEADER_HEIGHT + 16, top + content.height + PADDING);
  return { size: { width, height }, offset: { x: (width - content.width) / 2, y: top } };
}

/** From the outside in, since routes are told from the canvas's origin. */
function assemble(scopes: Scope[], arranged: Map<string | null, Arranged & { offset: Point }>, sizes: Map<string, Size>): Layout {
  const { width, height } = sizes.get("") ?? { width: 0, height: 0 };
  const layout: Layout = { boxes: new Map(), routes: new Map(), width, height };
  const origins = new Map<string | null, Point>([[null, { x: 0, y: 0 }]]);
  for (const { holder, nodes, edges } of scopes.toReversed()) {
    const part = arranged.get(holder?.id ?? null);
    const origin = origins.get(holder?.id ?? null);
    if (part === undefined || origin === undefined) continue;
    const by = { x: origin.x + part.offset.x, y: origin.y + part.offset.y };
    for (const node of nodes) {
      const box = part.boxes.get(node.id);
      if (box === undefined) continue;
      layout.boxes.set(node.id, { ...box, x: box.x + part.offset.x, y: box.y + part.offset.y });
      origins.set(node.id, { x: box.x + by.x, y: box.y + by.y });
    }
    for (const edge of edges) {
      const route = part.routes.get(edge.id);
      if (route !== undefined) layout.routes.set(edge.id, moved(route, by));
    }
  }
  return layout;
}

function moved({ points, label }: EdgeRoute, by: Point): EdgeRoute {
  const move = ({ x, y }: Point): Point => ({ x: x + by.x, y: y + by.y });
  return { points: points.map(move), label: label && move(label) };
}
