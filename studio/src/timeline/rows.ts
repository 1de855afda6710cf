import type { TaskExecution } from "../api/types";
import { isDerived } from "../document/outline_index";

/** The rows of the timeline: task executions as a tree, each parent before its children, in order of their start. */
export interface Row {
  task: TaskExecution;
  depth: number;
  children: number;
  open: boolean;
}

export function toRows(tasks: TaskExecution[], closed: ReadonlySet<number>): Row[] {
  const shown = withoutDerived(tasks);
  const known = new Set(shown.map((task) => task.id));
  const byParent = new Map<number | null, TaskExecution[]>();
  for (const task of shown) {
    // A parent beyond the first thousand is not here; its children stand on their own.
    const parent = task.parent !== null && known.has(task.parent) ? task.parent : null;
    const list = byParent.get(parent);
    if (list === undefined) byParent.set(parent, [task]);
    else list.push(task);
  }
  for (const list of byParent.values()) list.sort(inOrder);
  const rows: Row[] = [];
  const visit = (parent: number | null, depth: number) => {
    for (const task of byParent.get(parent) ?? []) {
      const children = byParent.get(task.id)?.length ?? 0;
      const open = children > 0 && !closed.has(task.id);
      rows.push({ task, depth, children, open });
      if (open) visit(task.id, depth + 1);
    }
  };
  visit(null, 0);
  return rows;
}

/** What a document has: the tasks in what it does not have move up to the next that it has. */
function withoutDerived(tasks: TaskExecution[]): TaskExecution[] {
  const derived = new Map(tasks.filter((task) => isDerived(task.ref)).map((task) => [task.id, task.parent]));
  if (derived.size === 0) return tasks;
  const upFrom = (id: number | null): number | null => (id !== null && derived.has(id) ? upFrom(derived.get(id) ?? null) : id);
  return tasks.filter((task) => !derived.has(task.id)).map((task) => ({ ...task, parent: upFrom(task.parent) }));
}

function inOrder(a: TaskExecution, b: TaskExecution): number {
  return Date.parse(a.started_at) - Date.parse(b.started_at) || a.id - b.id;
}

/** The task a failed run should open at: the deepest failure that nothing else caused. */
export function failureOf(tasks: TaskExecution[]): TaskExecution | null {
  const faulted = withoutDerived(tasks).filter((task) => task.status === "faulted");
  const parents = new Set(faulted.map((task) => task.parent));
  return faulted.filter((task) => !parents.has(task.id)).at(-1) ?? null;
}
