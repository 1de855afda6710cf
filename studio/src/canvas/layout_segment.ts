import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import type { GraphEdge } from "./graph";
import type { Box, EdgeRoute, Engine, Point } from "./layout";

export interface Piece {
  id: string;
  width: number;
  height: number;
  /** Where it must stand, whatever leads to it. */
  place: "first" | "last" | undefined;
}

export interface Arranged {
  boxes: Map<string, Box>;
  routes: Map<string, EdgeRoute>;
  width: number;
  height: number;
}

const BETWEEN = 36;
const LABEL_HEIGHT = 18;
const LABEL_CHARACTER = 6.6;
const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  "elk.layered.spacing.nodeNodeBetweenLayers": String(BETWEEN),
  "elk.spacing.nodeNode": "32",
  "elk.spacing.edgeNode": "18",
  "elk.spacing.edgeEdge": "14",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.layered.cycleBreaking.strategy": "MODEL_ORDER",
};
const LAYERS = { first: "FIRST", last: "LAST" };

/** One below the other where that is all there is to it; else the engine decides. */
export async function layoutSegment(pieces: Piece[], edges: GraphEdge[], engine: Engine): Promise<Arranged> {
  const plain = edges.every((edge) => edge.label === undefined && edge.source === pieces[0]?.id && edge.target === pieces[1]?.id);
  if (pieces.length <= 2 && edges.length <= 1 && plain) return inARow(pieces, edges);
  return fromElk(await engine(toElk(pieces, edges)), pieces, edges);
}

function inARow(pieces: Piece[], edges: GraphEdge[]): Arranged {
  const width = Math.max(...pieces.map((piece) => piece.width));
  const boxes = new Map<string, Box>();
  let y = 0;
  for (const piece of pieces) {
    boxes.set(piece.id, { x: (width - piece.width) / 2, y, width: piece.width, height: piece.height });
    y += piece.height + BETWEEN;
  }
  const below = pieces[0]?.height ?? 0;
  const points = [below, below + BETWEEN].map((at): Point => ({ x: width / 2, y: at }));
  return { boxes, routes: new Map(edges.map((edge) => [edge.id, { points }])), width, height: y - BETWEEN };
}

/** Named by position: segments of the same shape are the same question. */
export function toElk(pieces: Piece[], edges: GraphEdge[]): ElkNode {
  const names = new Map(pieces.map((piece, at) => [piece.id, `n${at}`]));
  const children = pieces.map(({ width, height, place }, at): ElkNode => ({
    id: `n${at}`,
    width,
    height,
    ...(place && { layoutOptions: { "elk.layered.layering.layerConstraint": LAYERS[place] } }),
  }));
  const lines = edges.map((edge, at): ElkExtendedEdge => ({
    id: `e${at}`,
    sources: [names.get(edge.source) ?? ""],
    targets: [names.get(edge.target) ?? ""],
    ...(edge.label !== undefined && { labels: [labelOf(edge.label)] }),
  }));
  return { id: "root", layoutOptions: OPTIONS, children, edges: lines };
}

/** Only its size matters to the engine, which passes over labels that are empty. */
const labelOf = (text: string) => ({
  text: "-",
  width: Math.ceil(text.length * LABEL_CHARACTER) + 14,
  height: LABEL_HEIGHT,
  layoutOptions: { "elk.edgeLabels.inline": "true" },
});

export function fromElk(root: ElkNode, pieces: Piece[], edges: GraphEdge[]): Arranged {
  const boxes = new Map<string, Box>();
  pieces.forEach((piece, at) => {
    const { x = 0, y = 0, width = 0, height = 0 } = root.children?.[at] ?? {};
    boxes.set(piece.id, { x, y, width, height });
  });
  const routes = new Map<string, EdgeRoute>();
  edges.forEach((edge, at) => {
    const line = root.edges?.[at];
    const section = line?.sections?.[0];
    if (section === undefined) return;
    const label = line?.labels?.[0];
    routes.set(edge.id, {
      points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({ x, y })),
      label: label?.x === undefined || label.y === undefined ? undefined : { x: label.x + (label.width ?? 0) / 2, y: label.y + (label.height ?? 0) / 2 },
    });
  });
  return { boxes, routes, width: root.width ?? 0, height: root.height ?? 0 };
}
