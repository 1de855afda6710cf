import type { Edge, Node } from "@xyflow/react";
import type { Diagnostic, OutlineTask, Severity } from "../api/types";
import type { Place } from "../document/gestures";
import type { Graph, GraphEdge } from "./graph";
import type { Layout, Point } from "./layout";
import { taken, type NodeRun } from "./overlay";

/** From the laid-out graph to the nodes and edges of the drawing library. */
export const EMPTY_OVERLAY: Map<string, NodeRun> = new Map();

export type NodeData = {
  task: OutlineTask | undefined;
  role: "catch" | undefined;
  run: NodeRun | undefined;
  /** A run is shown and this task is not part of it (yet). */
  idle: boolean;
  problem: Severity | undefined;
  selected: boolean;
  tabbable: boolean;
  editable: boolean;
  renaming: boolean;
  /** Of a slot: where a task goes that is added here. */
  place: Place | undefined;
  onSelect: (ref: string | null) => void;
  onOpen: (() => void) | undefined;
};

export type EdgeData = {
  points: Point[];
  labelAt: Point | undefined;
  label: string | undefined;
  title: string | undefined;
  dashed: boolean;
  taken: boolean;
  chosen: boolean;
  insert: Place | undefined;
  then: GraphEdge["then"];
};

interface Placed {
  graph: Graph;
  layout: Layout;
}

interface View {
  selected: string | null;
  overlay: Map<string, NodeRun>;
  problems: Map<string, Severity>;
  editable: boolean;
  renaming: string | null;
  onSelect: (ref: string | null) => void;
  onOpen?: () => void;
}

export function flowNodes({ graph, layout }: Placed, view: View): Node<NodeData>[] {
  const firstTask = graph.nodes.find((node) => node.task !== undefined)?.id;
  const known = view.selected !== null && graph.nodes.some((node) => node.id === view.selected);
  return graph.nodes.map((node) => {
    const box = layout.boxes.get(node.id) ?? { x: 0, y: 0, width: 0, height: 0 };
    return {
      id: node.id,
      type: node.shape,
      parentId: node.parent ?? undefined,
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      data: {
        task: node.task,
        role: node.role,
        run: view.overlay.get(node.id),
        idle: view.overlay.size > 0 && !view.overlay.has(node.id),
        problem: view.problems.get(node.id),
        selected: node.id === view.selected,
        tabbable: known ? node.id === view.selected : node.id === firstTask,
        editable: view.editable,
        renaming: node.id === view.renaming,
        place: node.place,
        onSelect: view.onSelect,
        onOpen: view.onOpen,
      },
    };
  });
}

interface EdgeView {
  overlay: Map<string, NodeRun>;
  ended: boolean;
  chosen: string | null;
}

export function flowEdges({ graph, layout }: Placed, view: EdgeView): Edge<EdgeData>[] {
  return graph.edges.map((edge) => {
    const route = layout.routes.get(edge.id);
    return {
      id: edge.id,
      source: edge.source,
      target: edge.target,
      type: "flow",
      // Over the container's own surface.
      zIndex: 1,
      data: {
        points: route?.points ?? [],
        labelAt: route?.label,
        label: edge.label,
        title: edge.title,
        dashed: edge.dashed === true,
        taken: taken(edge, view.overlay, view.ended),
        chosen: edge.id === view.chosen,
        insert: edge.insert,
        then: edge.then,
      },
    };
  });
}

/** A diagnostic belongs to the innermost task whose reference begins its pointer. */
export function problemsByRef(graph: Graph, diagnostics: Diagnostic[]): Map<string, Severity> {
  const refs = graph.nodes.flatMap((node) => (node.task === undefined || node.role === "catch" ? [] : [node.id]));
  const problems = new Map<string, Severity>();
  for (const diagnostic of diagnostics) {
    const pointer = diagnostic.pointer ?? "";
    const owner = refs
      .filter((ref) => pointer === ref || pointer.startsWith(`${ref}/`))
      .sort((a, b) => b.length - a.length)[0];
    if (owner === undefined || problems.get(owner) === "error") continue;
    problems.set(owner, diagnostic.severity);
  }
  return problems;
}
