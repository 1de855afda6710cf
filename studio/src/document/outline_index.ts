import type { Outline, OutlineTask } from "../api/types";

/** Every task and every list of a document, by pointer and by a key that lasts while tasks around it come, go and move. */
export interface TaskEntry {
  task: OutlineTask;
  list: TaskList;
  at: number;
  /** The names on the way from the top; a pointer without its positions. */
  key: string;
}

export interface TaskList {
  pointer: string;
  /** The task that holds the list; null at the top. */
  holder: TaskEntry | null;
  part: "children" | "branches" | "catch";
  tasks: OutlineTask[];
}

export interface OutlineIndex {
  byRef: ReadonlyMap<string, TaskEntry>;
  byKey: ReadonlyMap<string, TaskEntry>;
  lists: ReadonlyMap<string, TaskList>;
}

const PARTS = ["children", "branches", "catch"] as const;
/** Where a list stands in its task, for lists that have no task yet to tell it. */
const PART_POINTERS: Record<string, string> = { do: "do", for: "do", try: "try", fork: "fork/branches", listen: "foreach/do" };

const known = new WeakMap<Outline, OutlineIndex>();

export function indexOf(outline: Outline): OutlineIndex {
  const found = known.get(outline);
  if (found !== undefined) return found;
  const index = { byRef: new Map<string, TaskEntry>(), byKey: new Map<string, TaskEntry>(), lists: new Map<string, TaskList>() };
  const addList = (list: TaskList): void => {
    index.lists.set(list.pointer, list);
    list.tasks.forEach((task, at) => {
      const path = `${list.holder === null ? "" : `${list.holder.key}/`}${list.part}/${escapeName(task.name)}`;
      // Two tasks of one name are a mistake the compiler reports; they still have to be told apart.
      const entry: TaskEntry = { task, list, at, key: index.byKey.has(path) ? `${path}#${at}` : path };
      index.byKey.set(entry.key, entry);
      index.byRef.set(task.ref, entry);
      for (const part of PARTS) {
        const tasks = task[part];
        if (tasks !== undefined) addList({ pointer: listPointer(task, part), holder: entry, part, tasks });
      }
    });
  };
  addList({ pointer: "/do", holder: null, part: "children", tasks: outline.tasks });
  known.set(outline, index);
  return index;
}

/** The pointer of one of a task's lists, which may be empty or not written yet. */
export function listPointer(task: OutlineTask, part: TaskList["part"]): string {
  const first = task[part]?.[0];
  if (first !== undefined) return first.ref.split("/").slice(0, -2).join("/");
  if (task.role === "saga") return `${task.ref}/with/steps`;
  if (part === "catch") return `${task.ref}/${task.role === "step" ? "undo" : "catch/do"}`;
  return `${task.ref}/${PART_POINTERS[task.kind] ?? "do"}`;
}

/** Of a list whose items are steps, no tasks. */
export const holdsSteps = (list: TaskList): boolean => list.holder?.task.role === "saga";

/** What a saga is written out with, and no document has: its pointers are below those of the steps. */
export const isDerived = (ref: string): boolean => /\/with\/steps\/\d+\/[^/]+\/(after|undo\/(go on|failed))$/.test(ref);

/** Whether a task is another one or stands somewhere inside it. */
export const within = (ref: string, outer: string): boolean => ref === outer || ref.startsWith(`${outer}/`);

export const escapeName = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
export const unescapeName = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~");

/** The first of "wait", "wait2", "wait3" ... that no task of the list has. */
export function freeName(list: TaskList | undefined, wanted: string): string {
  const taken = new Set(list?.tasks.map((task) => task.name));
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, "");
  for (let n = 2; ; n++) if (!taken.has(`${stem}${n}`)) return `${stem}${n}`;
}
