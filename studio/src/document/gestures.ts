import type { Operation } from "../api/language";
import type { Json, Outline } from "../api/types";
import { escapeName, freeName, indexOf, within, type OutlineIndex, type TaskList } from "./outline_index";

/**
 * What a person does to tasks, as operations for the server. Pure: from the outline and the gesture to a plan. A plan
 * is made when its turn comes, on the outline of that moment; tasks are therefore named by their lasting keys.
 */
export interface Plan {
  operations: Operation[];
  /** The key of the task to choose when it is done; null for none. */
  select?: string | null;
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
  const select = keyIn(list, named[0]?.name ?? "");
  // An empty list may not be written at all: it is set as a whole.
  if (list.tasks.length === 0) {
    const value = named.map((task) => ({ [task.name]: task.definition }));
    return { operations: [{ op: "set", at: place.list, value }], select };
  }
  const at = Math.min(place.at, list.tasks.length);
  const operations = named.map((task, index): Operation => ({ op: "add", list: place.list, at: at + index, name: task.name, task: task.definition }));
  return { operations, select };
};

/** `place.at` counts the positions of the list as it is shown, with the moved task still in it. */
export const moveTask = (key: string, place: Place): Gesture => (outline) => {
  const index = indexOf(outline);
  const entry = index.byKey.get(key);
  const list = index.lists.get(place.list);
  if (entry === undefined || list === undefined || within(place.list, entry.task.ref)) return null;
  const { task } = entry;
  if (list.pointer !== entry.list.pointer) {
    return { operations: [{ op: "move", task: task.ref, list: place.list, at: place.at }], select: keyIn(list, task.name) };
  }
  const at = place.at > entry.at ? place.at - 1 : place.at;
  return at === entry.at ? null : { operations: [{ op: "move", task: task.ref, list: place.list, at }], select: key };
};

export const moveBy = (key: string, step: 1 | -1): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  if (entry === undefined) return null;
  const at = entry.at + step;
  if (at < 0 || at >= entry.list.tasks.length) return null;
  return { operations: [{ op: "move", task: entry.task.ref, list: entry.list.pointer, at }], select: key };
};

export const deleteTask = (key: string): Gesture => (outline) => {
  const index = indexOf(outline);
  const entry = index.byKey.get(key);
  if (entry === undefined) return null;
  const { tasks } = entry.list;
  const next = tasks[entry.at + 1] ?? tasks[entry.at - 1];
  const select = (next === undefined ? entry.list.holder?.key : index.byRef.get(next.ref)?.key) ?? null;
  return { operations: [{ op: "delete", task: entry.task.ref }], select };
};

export const renameTask = (key: string, name: string): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  if (entry === undefined || name === entry.task.name) return null;
  return { operations: [{ op: "rename", task: entry.task.ref, name }], select: keyIn(entry.list, name) };
};

export const replaceTask = (key: string, definition: Json): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  return entry === undefined ? null : { operations: [{ op: "replace", task: entry.task.ref, definition }], select: key };
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

/** Where a task goes on: another task of its list, or the end of the workflow. */
export const connectTask = (key: string, target: string): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(key);
  if (entry === undefined || entry.task.then === target) return null;
  return { operations: [{ op: "set", at: `${entry.task.ref}/then`, value: target }], select: key };
};

export interface Way {
  /** The key of the task the way leads out of. */
  key: string;
  /** The position of the case, of a way out of a `switch`. */
  case?: number;
}

/** Takes a way away: the task goes on with the next one; a case, which must say where it leads, does so in words. */
export const disconnect = (way: Way): Gesture => (outline) => {
  const entry = indexOf(outline).byKey.get(way.key);
  if (entry === undefined) return null;
  const chosen = way.case === undefined ? undefined : entry.task.cases?.[way.case];
  if (way.case === undefined) return { operations: [{ op: "unset", at: `${entry.task.ref}/then` }], select: way.key };
  if (chosen === undefined) return null;
  const at = `${entry.task.ref}/switch/${way.case}/${escapeName(chosen.name)}/then`;
  return { operations: [{ op: "set", at, value: "continue" }], select: way.key };
};

/** Where a new task goes that is added "after" what is chosen: below it, else at the end. */
export function placeAfter(index: OutlineIndex, key: string | null): Place {
  const entry = key === null ? undefined : index.byKey.get(key);
  if (entry !== undefined) return { list: entry.list.pointer, at: entry.at + 1 };
  return { list: "/do", at: index.lists.get("/do")?.tasks.length ?? 0 };
}

export const keyIn = (list: TaskList, name: string): string =>
  `${list.holder === null ? "" : `${list.holder.key}/`}${list.part}/${escapeName(name)}`;

function withFreeNames(list: TaskList, tasks: NewTask[]): NewTask[] {
  const taken: TaskList = { ...list, tasks: [...list.tasks] };
  return tasks.map((task) => {
    const name = freeName(taken, task.name);
    taken.tasks.push({ ref: "", name, kind: "set", detail: "", line: 0, column: 0 });
    return { ...task, name };
  });
}
