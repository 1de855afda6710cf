import type { Operation } from "../api/language";
import type { Json, Outline } from "../api/types";
import { escapeName, freeName, indexOf, type OutlineIndex, type TaskList } from "./outline_index";

/**
 * What a person does to tasks, as operations for the server. Pure: from the outline and the gesture to a plan. A plan
 * is made when its turn comes, on the outline of that moment; tasks are therefore named by their lasting keys.
 */
export interface Plan {
  operations: Operation[];
  /** The key of the task to choose when it is done, or of several, the first before all; null for none. */
  select?: string | readonly string[] | null;
}

export type Gesture = (outline: Outline) => Plan | null;

export interface Place {
  list: string;
  at: number;
}

export interface NewTask {
  name: string;
  definition: Json;
}

export const addTasks = (place: Place, tasks: NewTask[]): Gesture => (outline) => {
  const list = indexOf(outline).lists.get(place.list);
  if (list === undefined || tasks.length === 0) return null;
  const named = withFreeNames(list, tasks);
  const select = named.map((task) => keyIn(list, task.name));
  // An empty list may not be written at all: it is set as a whole.
  if (list.tasks.length === 0) {
    const value = named.map((task) => ({ [task.name]: task.definition }));
    return { operations: [{ op: "set", at: place.list, value }], select };
  }
  const at = Math.min(place.at, list.tasks.length);
  const operations = named.map((task, index): Operation => ({ op: "add", list: place.list, at: at + index, name: task.name, task: task.definition }));
  return { operations, select };
};

export const renameTask = (key: string, name: string): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  if (entry === undefined || name === entry.task.name) return null;
  return { operations: [{ op: "rename", task: entry.task.ref, name }], select: keyIn(entry.list, name) };
};

/** One field of a task: `path` leads to it from the task. The mappings on the way are made. */
export const setField = (key: string, path: string[], value: Json): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  return entry === undefined ? null : { operations: [{ op: "set", at: [entry.task.ref, ...path.map(escapeName)].join("/"), value }] };
};

export const unsetField = (key: string, path: string[]): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  return entry === undefined ? null : { operations: [{ op: "unset", at: [entry.task.ref, ...path.map(escapeName)].join("/") }] };
};


export interface Way {
  /** The key of the task the way leads out of. */
  key: string;
  /** The position of the case, of a way out of a `switch`. */
  case?: number;
}

/** Where a task, or a case of it, goes on: another task of its list, or one of the words `continue`, `exit` and `end`. */
export const connect = (way: Way, target: string): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(way.key);
  const chosen = way.case === undefined ? undefined : entry?.task.cases?.[way.case];
  if (entry === undefined || (way.case !== undefined && chosen === undefined)) return null;
  if ((chosen ?? entry.task).then === target) return null;
  // What goes on with the next task has no need to say so; a case must.
  if (chosen === undefined && target === "continue") return disconnect(way)(outline);
  return { operations: [{ op: "set", at: `${placeOf(entry.task.ref, way, chosen)}/then`, value: target }], select: way.key };
};

const placeOf = (ref: string, way: Way, chosen: { name: string } | undefined): string =>
  chosen === undefined ? ref : `${ref}/switch/${way.case}/${escapeName(chosen.name)}`;

/** Takes a way away: the task goes on with the next one; a case, which must say where it leads, does so in words. */
export const disconnect = (way: Way): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(way.key);
  if (entry === undefined) return null;
  const chosen = way.case === undefined ? undefined : entry.task.cases?.[way.case];
  if (way.case === undefined) return { operations: [{ op: "unset", at: `${entry.task.ref}/then` }], select: way.key };
  if (chosen === undefined) return null;
  return { operations: [{ op: "set", at: `${placeOf(entry.task.ref, way, chosen)}/then`, value: "continue" }], select: way.key };
};

/** Where a new task goes that is added "after" what is chosen: below it, else at the end. */
export function placeAfter(index: OutlineIndex, key: string | null): Place {
  const entry = key === null ? undefined : index.byKey.get(key);
  if (entry !== undefined) return { list: entry.list.pointer, at: entry.at + 1 };
  return { list: "/do", at: index.lists.get("/do")?.tasks.length ?? 0 };
}

export const keyIn = (list: TaskList, name: string): string =>
  `${list.holder === null ? "" : `${list.holder.key}/`}${list.part}/${escapeName(name)}`;

/** The tasks under names that are free in the list; where they lead to one another, they still do. */
export function withFreeNames(list: TaskList, tasks: NewTask[]): NewTask[] {
  const taken: TaskList = { ...list, tasks: [...list.tasks] };
  const names = new Map<string, string>();
  for (const task of tasks) {
    const name = freeName(taken, task.name);
    taken.tasks.push({ ref: "", name, kind: "set", detail: "", line: 0, column: 0 });
    if (!names.has(task.name)) names.set(task.name, name);
  }
  return tasks.map((task, at) => ({ name: taken.tasks[list.tasks.length + at]?.name ?? task.name, definition: leading(task.definition, names) }));
}

/** A definition whose `then`, also of its cases, follows tasks to their new names. */
function leading(definition: Json, names: ReadonlyMap<string, string>): Json {
  if (!isObject(definition)) return definition;
  const next = { ...definition };
  if (typeof next.then === "string") next.then = names.get(next.then) ?? next.then;
  if (Array.isArray(next.switch)) {
    next.switch = next.switch.map((one) =>
      isObject(one) ? Object.fromEntries(Object.entries(one).map(([name, body]) => [name, leading(body, names)])) : one,
    );
  }
  return next;
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } => value !== null && typeof value === "object" && !Array.isArray(value);
