import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import type { Graph, GraphNode } from "./graph";

/** From graph to layout request and from its answer to boxes and paths. The engine itself is in elk.ts. */
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
  routes: Map<string, EdgeRoute>;
  width: number;
  height: number;
}

const TASK = { width: 224, height: 56 };
const CONDITION_HEIGHT = 22;
const HEADER_HEIGHT = 48;
const CATCH_HEADER_HEIGHT = 26;
const PILL = { width: 68, height: 26 };
const DOT = { width: 8, height: 8 };
const SLOT = { width: 28, height: 22 };
const LABEL_HEIGHT = 18;
const LABEL_CHARACTER = 6.6;

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.shape === "start" || node.shape === "end") return PILL;
  if (node.shape === "junction") return DOT;
  if (node.shape === "slot") return SLOT;
  const extra = node.task?.if === undefined ? 0 : CONDITION_HEIGHT;
  return { width: TASK.width, height: TASK.height + extra };
}

const SCOPE_OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.spacing.nodeNodeBetweenLayers": "36",
  "elk.spacing.nodeNode": "32",
  "elk.spacing.edgeNode": "18",
  "elk.spacing.edgeEdge": "14",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.layered.cycleBreaking.strategy": "MODEL_ORDER",
};

export function toElk(graph: Graph): ElkNode {
  const scopes = new Map<string | null, ElkNode>();
  const root: ElkNode = { id: "root", layoutOptions: { ...SCOPE_OPTIONS, "elk.padding": "[top=8,left=8,bottom=8,right=8]" }, children: [], edges: [] };
  scopes.set(null, root);
  for (const node of graph.nodes) {
    const element: ElkNode = node.shape === "container" ? container(node) : { id: node.id, ...sizeOf(node) };
    if (node.id === "start") element.layoutOptions = { "elk.layered.layering.layerConstraint": "FIRST" };
    if (node.id === "end") element.layoutOptions = { "elk.layered.layering.layerConstraint": "LAST" };
    if (node.shape === "container") scopes.set(node.id, element);
    scopes.get(node.parent)?.children?.push(element);
  }
  for (const edge of graph.edges) {
    const element: ElkExtendedEdge = { id: edge.id, sources: [edge.source], targets: [edge.target] };
    if (edge.label !== undefined) {
      element.labels = [
        {
          text: edge.label,
          width: Math.ceil(edge.label.length * LABEL_CHARACTER) + 14,
          height: LABEL_HEIGHT,
          layoutOptions: { "elk.edgeLabels.inline": "true" },
        },
      ];
    }
    scopes.get(edge.scope)?.edges?.push(element);
  }
  return root;
}

function container(node: GraphNode): ElkNode {
  const extra = node.task?.if === undefined || node.role === "catch" ? 0 : CONDITION_HEIGHT;
  return {
    id: node.id,
    children: [],
    edges: [],
    layoutOptions: {
      ...SCOPE_OPTIONS,
      "elk.padding": `[top=${(node.role === "catch" ? CATCH_HEADER_HEIGHT : HEADER_HEIGHT) + extra + 14},left=20,bottom=20,right=20]`,
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      "elk.nodeSize.minimum": `(${TASK.width}, ${HEADER_HEIGHT + 16})`,
    },
  };
}

export function fromElk(root: ElkNode): Layout {
  const layout: Layout = { boxes: new Map(), routes: new Map(), width: root.width ?? 0, height: root.height ?? 0 };
  collect(root, { x: 0, y: 0 }, layout);
  return layout;
}

/** The engine gives edges relative to their container; on the canvas they are drawn from the one origin. */
function collect(scope: ElkNode, origin: Point, layout: Layout): void {
  for (const edge of scope.edges ?? []) {
    const section = edge.sections?.[0];
    if (section === undefined) continue;
    const move = (point: Point): Point => ({ x: point.x + origin.x, y: point.y + origin.y });
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(move);
    const label = edge.labels?.[0];
    layout.routes.set(edge.id, {
      points,
      label:
        label?.x === undefined || label.y === undefined
          ? undefined
          : move({ x: label.x + (label.width ?? 0) / 2, y: label.y + (label.height ?? 0) / 2 }),
    });
  }
  for (const child of scope.children ?? []) {
    const box = { x: child.x ?? 0, y: child.y ?? 0, width: child.width ?? 0, height: child.height ?? 0 };
    layout.boxes.set(child.id, box);
    collect(child, { x: origin.x + box.x, y: origin.y + box.y }, layout);
  }
}
