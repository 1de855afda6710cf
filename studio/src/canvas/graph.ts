import type { Outline, OutlineTask } from "../api/types";
import type { Place } from "../document/gestures";
import { listPointer } from "../document/outline_index";

/**
 * The graph of a workflow, made from the outline the server sends. Pure data: no positions, no React.
 *
 * Tasks are nodes; a task that holds others (`do`, `for`, `fork`, `try`) is a container and its list is a scope of its
 * own. Flow never crosses a container's border: `then` names a task of the same list, `exit` leaves it, `end` ends all.
 */
export type NodeShape = "task" | "container" | "start" | "end" | "junction" | "slot";

export interface GraphNode {
  id: string;
  shape: NodeShape;
  parent: string | null;
  /** Missing for start, end and junctions. `catch` containers carry the task they belong to. */
  task?: OutlineTask;
  role?: "catch";
  /** Slots only: where a task goes that is added here. */
  place?: Place;
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  scope: string | null;
  label?: string;
  title?: string;
  dashed?: boolean;
  /** Where a task goes that is added on this edge: between neighbours of a list. */
  insert?: Place;
  /** Said by a `then`, so that it can be taken away: of a task, or of the case at a position. */
  then?: { ref: string; case?: number };
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export const START = "start";
export const END = "end";
export const catchId = (ref: string) => `${ref}#catch`;
const junctionId = (ref: string) => `${ref}#junction`;
export const slotId = (list: string) => `${list}#slot`;

/** `editable` adds what only an editor needs: a slot at the end of each list inside a container. */
export function toGraph(outline: Outline, editable = false): Graph {
  const builder = new Builder(editable);
  const { graph } = builder;
  const list = "/do";
  graph.nodes.push({ id: START, shape: "start", parent: null });
  builder.addScope(outline.tasks, null, list, END);
  graph.nodes.push({ id: END, shape: "end", parent: null });
  addEdge(graph, { source: START, target: outline.tasks[0]?.ref ?? END, scope: null, insert: { list, at: 0 } });
  return graph;
}

interface Way {
  target: string | null;
  label?: string;
  title?: string;
  then?: GraphEdge["then"];
}

class Builder {
  readonly graph: Graph = { nodes: [], edges: [] };

  constructor(private readonly editable: boolean) {}

  /** Adds one list of tasks. `exit` is where the list leads when it is through; null inside containers. */
  addScope(tasks: OutlineTask[], parent: string | null, list: string, exit: string | null): void {
    for (const task of tasks) this.addTask(task, parent);
    // Between steps there is no place for a task.
    const ofSteps = tasks[0]?.role === "step";
    const end = exit ?? (ofSteps ? null : this.addSlot(parent, { list, at: tasks.length }));
    tasks.forEach((task, at) => {
      const next = tasks[at + 1]?.ref ?? end;
      for (const way of waysOut(task, next, tasks, exit)) {
        if (way.target === null) continue;
        const insert = !ofSteps && way.then === undefined && way.label === undefined && way.target !== slotId(list) ? { list, at: at + 1 } : undefined;
        addEdge(this.graph, { source: task.ref, scope: parent, ...way, target: way.target, ...(insert && { insert }) });
      }
    });
  }

  private addSlot(parent: string | null, place: Place): string | null {
    if (!this.editable) return null;
    const id = slotId(place.list);
    this.graph.nodes.push({ id, shape: "slot", parent, place });
    return id;
  }

  private addTask(task: OutlineTask, parent: string | null): void {
    const held = task.branches ?? task.children;
    if (held === undefined) {
      this.graph.nodes.push({ id: task.ref, shape: "task", parent, task });
      return;
    }
    this.graph.nodes.push({ id: task.ref, shape: "container", parent, task });
    if (task.branches !== undefined) this.addFork(task, task.branches);
    else this.addBody(task, held);
  }

  private addFork(task: OutlineTask, branches: OutlineTask[]): void {
    const junction = junctionId(task.ref);
    this.graph.nodes.push({ id: junction, shape: "junction", parent: task.ref });
    const targets = branches.map((branch) => {
      this.addTask(branch, task.ref);
      return branch.ref;
    });
    const slot = this.addSlot(task.ref, { list: listPointer(task, "branches"), at: branches.length });
    for (const target of slot === null ? targets : [...targets, slot]) {
      addEdge(this.graph, { source: junction, target, scope: task.ref, dashed: target === slot });
    }
  }

  private addBody(task: OutlineTask, body: OutlineTask[]): void {
    const { graph } = this;
    const junction = junctionId(task.ref);
    const handled = task.catch !== undefined && (this.editable || task.catch.length > 0);
    // The layout keeps the order of the nodes, so what is drawn first comes first.
    if (handled) graph.nodes.push({ id: junction, shape: "junction", parent: task.ref });
    const list = listPointer(task, "children");
    this.addScope(body, task.ref, list, null);
    if (!handled || task.catch === undefined) return;
    const handler = catchId(task.ref);
    graph.nodes.push({ id: handler, shape: "container", parent: task.ref, task, role: "catch" });
    this.addScope(task.catch, handler, listPointer(task, "catch"), null);
    const first = body[0];
    if (first !== undefined) addEdge(graph, { source: junction, target: first.ref, scope: task.ref, insert: { list, at: 0 } });
    addEdge(graph, { source: junction, target: handler, scope: task.ref, dashed: true });
  }
}

function waysOut(task: OutlineTask, next: string | null, scope: OutlineTask[], exit: string | null): Way[] {
  const follow = (then: string | undefined): string | null => {
    if (then === undefined || then === "continue") return next;
    if (then === "exit" || then === "end") return exit;
    return scope.find((one) => one.name === then)?.ref ?? null;
  };
  const said = (then: string | undefined, position?: number): Way["then"] =>
    then === undefined || then === "continue" ? undefined : { ref: task.ref, ...(position !== undefined && { case: position }) };
  if (task.kind === "switch" && task.cases !== undefined) {
    const ways: Way[] = task.cases.map((one, position) => ({
      target: follow(one.then),
      label: one.name,
      title: one.when ?? undefined,
      then: said(one.then, position),
    }));
    const hasDefault = task.cases.some((one) => one.when === null);
    return hasDefault ? ways : [...ways, { target: follow(task.then), label: "else", then: said(task.then) }];
  }
  // An unconditional `raise` goes nowhere but to the nearest catch.
  if (task.kind === "raise" && task.if === undefined) return [];
  return [{ target: follow(task.then), then: said(task.then) }];
}

function addEdge(graph: Graph, edge: Omit<GraphEdge, "id">): void {
  graph.edges.push({ ...edge, id: `e${graph.edges.length}:${edge.source}>${edge.target}` });
}

/** What decides the layout. Two graphs of the same shape need no new one. */
export function shapeOf(graph: Graph): string {
  const nodes = graph.nodes.map((node) => `${node.id}|${node.shape}|${node.parent ?? ""}|${node.task?.if === undefined ? 0 : 1}`);
  const edges = graph.edges.map((edge) => `${edge.id}|${edge.label ?? ""}`);
  return [...nodes, ...edges].join("\n");
}
