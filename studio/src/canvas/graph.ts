import type { Outline, OutlineTask } from "../api/types";

/**
 * The graph of a workflow, made from the outline the server sends. Pure data: no positions, no React.
 *
 * Tasks are nodes; a task that holds others (`do`, `for`, `fork`, `try`) is a container and its list is a scope of its
 * own. Flow never crosses a container's border: `then` names a task of the same list, `exit` leaves it, `end` ends all.
 */
export type NodeShape = "task" | "container" | "start" | "end" | "junction";

export interface GraphNode {
  id: string;
  shape: NodeShape;
  parent: string | null;
  /** Missing for start, end and junctions. `catch` containers carry the task they belong to. */
  task?: OutlineTask;
  role?: "catch";
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  scope: string | null;
  label?: string;
  title?: string;
  dashed?: boolean;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export const START = "start";
export const END = "end";
export const catchId = (ref: string) => `${ref}#catch`;
const junctionId = (ref: string) => `${ref}#junction`;

export function toGraph(outline: Outline): Graph {
  const graph: Graph = { nodes: [], edges: [] };
  graph.nodes.push({ id: START, shape: "start", parent: null });
  addScope(graph, outline.tasks, null, END);
  graph.nodes.push({ id: END, shape: "end", parent: null });
  addEdge(graph, { source: START, target: outline.tasks[0]?.ref ?? END, scope: null });
  return graph;
}

/** Adds one list of tasks. `exit` is where the list leads when it is through; null inside containers. */
function addScope(graph: Graph, tasks: OutlineTask[], parent: string | null, exit: string | null): void {
  for (const task of tasks) addTask(graph, task, parent);
  tasks.forEach((task, index) => {
    const next = tasks[index + 1]?.ref ?? exit;
    for (const way of waysOut(task, next, tasks, exit)) {
      if (way.target !== null) addEdge(graph, { source: task.ref, scope: parent, ...way, target: way.target });
    }
  });
}

interface Way {
  target: string | null;
  label?: string;
  title?: string;
}

function waysOut(task: OutlineTask, next: string | null, scope: OutlineTask[], exit: string | null): Way[] {
  const follow = (then: string | undefined): string | null => {
    if (then === undefined || then === "continue") return next;
    if (then === "exit" || then === "end") return exit;
    return scope.find((one) => one.name === then)?.ref ?? null;
  };
  if (task.kind === "switch" && task.cases !== undefined) {
    const ways: Way[] = task.cases.map((one) => ({
      target: follow(one.then),
      label: one.name,
      title: one.when ?? undefined,
    }));
    const hasDefault = task.cases.some((one) => one.when === null);
    return hasDefault ? ways : [...ways, { target: follow(task.then), label: "else" }];
  }
  // An unconditional `raise` goes nowhere but to the nearest catch.
  if (task.kind === "raise" && task.if === undefined) return [];
  return [{ target: follow(task.then) }];
}

function addTask(graph: Graph, task: OutlineTask, parent: string | null): void {
  const held = task.branches ?? task.children;
  if (held === undefined) {
    graph.nodes.push({ id: task.ref, shape: "task", parent, task });
    return;
  }
  graph.nodes.push({ id: task.ref, shape: "container", parent, task });
  if (task.branches !== undefined) addFork(graph, task, task.branches);
  else addBody(graph, task, held);
}

function addFork(graph: Graph, task: OutlineTask, branches: OutlineTask[]): void {
  const junction = junctionId(task.ref);
  graph.nodes.push({ id: junction, shape: "junction", parent: task.ref });
  for (const branch of branches) {
    addTask(graph, branch, task.ref);
    addEdge(graph, { source: junction, target: branch.ref, scope: task.ref });
  }
}

function addBody(graph: Graph, task: OutlineTask, body: OutlineTask[]): void {
  const junction = junctionId(task.ref);
  const handled = task.catch !== undefined && task.catch.length > 0;
  // The layout keeps the order of the nodes, so what is drawn first comes first.
  if (handled) graph.nodes.push({ id: junction, shape: "junction", parent: task.ref });
  addScope(graph, body, task.ref, null);
  if (!handled || task.catch === undefined) return;
  const handler = catchId(task.ref);
  graph.nodes.push({ id: handler, shape: "container", parent: task.ref, task, role: "catch" });
  addScope(graph, task.catch, handler, null);
  if (body[0] !== undefined) addEdge(graph, { source: junction, target: body[0].ref, scope: task.ref });
  addEdge(graph, { source: junction, target: handler, scope: task.ref, dashed: true });
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
