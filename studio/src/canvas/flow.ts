import { Position, type Edge, type Node, type NodeHandle } from "@xyflow/react";
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
  problemTitle: string | undefined;
  selected: boolean;
  tabbable: boolean;
  editable: boolean;
  renaming: boolean;
  /** Of a slot: where a task goes that is added here. */
  place: Place | undefined;
  /** `more`: with or without this one, beside what is chosen. */
  onSelect: (ref: string, more: boolean) => void;
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

export interface NodeProblem {
  severity: Severity;
  message: string;
}

interface Placed {
  graph: Graph;
  layout: Layout;
}

interface View {
  /** The first is the one that keys are about. */
  chosen: readonly string[];
  overlay: Map<string, NodeRun>;
  problems: Map<string, NodeProblem>;
  editable: boolean;
  renaming: string | null;
  onSelect: NodeData["onSelect"];
  onOpen?: () => void;
}

export function flowNodes({ graph, layout }: Placed, view: View): Node<NodeData>[] {
  const firstTask = graph.nodes.find((node) => node.task !== undefined)?.id;
  const chosen = new Set(view.chosen);
  const first = view.chosen[0];
  const known = first !== undefined && graph.nodes.some((node) => node.id === first);
  return graph.nodes.map((node) => {
    const box = layout.boxes.get(node.id) ?? { x: 0, y: 0, width: 0, height: 0 };
    return {
      id: node.id,
      type: node.shape,
      parentId: node.parent ?? undefined,
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      // Said here, so that the drawing library need not draw a node that is out of sight only to measure it.
      measured: { width: box.width, height: box.height },
      handles: handlesOf(box),
      data: {
        task: node.task,
        role: node.role,
        run: view.overlay.get(node.id),
        idle: view.overlay.size > 0 && !view.overlay.has(node.id),
        problem: view.problems.get(node.id)?.severity,
        problemTitle: view.problems.get(node.id)?.message,
        selected: chosen.has(node.id),
        tabbable: known ? node.id === first : node.id === firstTask,
        editable: view.editable,
        renaming: node.id === view.renaming,
        place: node.place,
        onSelect: view.onSelect,
        onOpen: view.onOpen,
      },
    };
  });
}

function handlesOf({ width, height }: { width: number; height: number }): NodeHandle[] {
  const x = width / 2;
  return [
    { type: "target", position: Position.Top, x, y: 0, width: 1, height: 1 },
    { type: "source", position: Position.Bottom, x, y: height, width: 1, height: 1 },
  ];
}

/** The new list with the old objects wherever nothing changed: only what changed is drawn again. */
export function keepSame<T extends { id: string }>(before: T[], after: T[], same: (a: T, b: T) => boolean): T[] {
  const known = new Map(before.map((one) => [one.id, one]));
  return after.map((one) => {
    const old = known.get(one.id);
    return old !== undefined && same(old, one) ? old : one;
  });
}

export function sameNode(a: Node<NodeData>, b: Node<NodeData>): boolean {
  const { task: old, ...oldData } = a.data;
  const { task, ...data } = b.data;
  return (
    a.type === b.type &&
    a.parentId === b.parentId &&
    a.width === b.width &&
    a.height === b.height &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    sameTask(old, task) &&
    sameMembers(oldData, data)
  );
}

export const sameEdge = (a: Edge<EdgeData>, b: Edge<EdgeData>): boolean =>
  a.source === b.source && a.target === b.target && a.data !== undefined && b.data !== undefined && sameMembers(a.data, b.data);

const sameTask = (a: OutlineTask | undefined, b: OutlineTask | undefined): boolean =>
  a?.name === b?.name && a?.kind === b?.kind && a?.detail === b?.detail && a?.icon === b?.icon && a?.if === b?.if;

/** Members are equal, or small objects with equal members. */
function sameMembers(a: object, b: object): boolean {
  const mine = Object.entries(a);
  const theirs = b as Record<string, unknown>;
  return mine.length === Object.keys(b).length && mine.every(([name, value]) => sameValue(value, theirs[name]));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return !Array.isArray(a) && !Array.isArray(b) && sameMembers(a, b);
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

const LOUDNESS: Record<Severity, number> = { error: 2, warning: 1, hint: 0 };

/** A diagnostic belongs to the innermost task whose reference begins its pointer. */
export function problemsByRef(graph: Graph, diagnostics: Diagnostic[]): Map<string, NodeProblem> {
  const refs = new Set(graph.nodes.flatMap((node) => (node.task === undefined || node.role === "catch" ? [] : [node.id])));
  const problems = new Map<string, NodeProblem>();
  for (const diagnostic of diagnostics) {
    let owner = diagnostic.pointer ?? "";
    while (owner !== "" && !refs.has(owner)) owner = owner.slice(0, owner.lastIndexOf("/"));
    const worst = owner === "" ? undefined : problems.get(owner);
    if (owner === "" || (worst !== undefined && LOUDNESS[worst.severity] >= LOUDNESS[diagnostic.severity])) continue;
    problems.set(owner, { severity: diagnostic.severity, message: diagnostic.message });
  }
  return problems;
}
