import type { Operation } from "../api/language";
import type { Json, Outline } from "../api/types";
import { keyIn, withFreeNames, type Gesture, type Place } from "./gestures";
import { escapeName, indexOf, within, type OutlineIndex, type TaskEntry, type TaskList } from "./outline_index";

/** What a person does to the tasks that are chosen: one or many, always as one step. */

/** The tasks of the keys in the order of the document; what stands inside another one of them goes with that one. */
export function chosenEntries(outline: Outline, keys: readonly string[]): TaskEntry[] {
  const wanted = new Set(keys);
  const entries: TaskEntry[] = [];
  for (const entry of indexOf(outline).byRef.values()) {
    const outer = entries.at(-1);
    if (wanted.has(entry.key) && (outer === undefined || !within(entry.task.ref, outer.task.ref))) entries.push(entry);
  }
  return entries;
}

export const deleteTasks = (keys: readonly string[]): Gesture => (outline) => {
  const entries = chosenEntries(outline, keys);
  if (entries.length === 0) return null;
  // From the end, so that what is left keeps its pointer until its turn comes.
  const operations = entries.map((entry): Operation => ({ op: "delete", task: entry.task.ref })).reverse();
  return { operations, select: nextTo(outline, entries) };
};

/** What is chosen when the entries are gone: the task below the last, else one above the first of its list, else the task around. */
function nextTo(outline: Outline, entries: TaskEntry[]): string | null {
  const last = entries.at(-1) as TaskEntry;
  const { tasks, holder } = last.list;
  const gone = new Set(entries.map((entry) => entry.task.ref));
  const next = tasks.slice(last.at).find((task) => !gone.has(task.ref)) ?? tasks.slice(0, last.at).findLast((task) => !gone.has(task.ref));
  return (next === undefined ? holder?.key : indexOf(outline).byRef.get(next.ref)?.key) ?? null;
}

export interface Copy {
  /** Of the task copied. */
  key: string;
  definition: Json;
}

/** Copies stand below the last task copied of the same list, and are chosen. */
export const duplicateTasks = (copies: readonly Copy[]): Gesture => (outline) => {
  const definitions = new Map(copies.map((copy) => [copy.key, copy.definition]));
  const byList = new Map<TaskList, TaskEntry[]>();
  for (const entry of chosenEntries(outline, [...definitions.keys()])) byList.set(entry.list, [...(byList.get(entry.list) ?? []), entry]);
  const operations: Operation[] = [];
  const select: string[] = [];
  // From the end, so that lists further up keep their pointers.
  for (const [list, entries] of [...byList].reverse()) {
    const below = (entries.at(-1) as TaskEntry).at + 1;
    const named = withFreeNames(
      list,
      entries.map(({ key, task }) => ({ name: task.name, definition: definitions.get(key) as Json })),
    );
    named.forEach(({ name, definition }, index) => operations.push({ op: "add", list: list.pointer, at: below + index, name, task: definition }));
    select.unshift(...named.map(({ name }) => keyIn(list, name)));
  }
  return operations.length === 0 ? null : { operations, select };
};

/** `place.at` counts the positions of the list as it is shown, with the moved tasks still in it. */
export const moveTasks = (keys: readonly string[], place: Place): Gesture => (outline) => {
  const index = indexOf(outline);
  const entries = chosenEntries(outline, keys);
  const list = index.lists.get(place.list);
  if (entries.length === 0 || list === undefined || entries.some((entry) => within(place.list, entry.task.ref))) return null;
  const moved = new Set(entries.map((entry) => entry.task.ref));
  const before = list.tasks.slice(place.at).find((task) => !moved.has(task.ref))?.ref ?? null;
  const tree = new Tree(index);
  const operations = entries.map((entry) => tree.move(entry.task.ref, place.list, before)).filter((one) => one !== null);
  if (operations.length === 0) return null;
  // The one that keys are about stays it.
  const asChosen = entries.toSorted((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
  const select = asChosen.map((entry) => (entry.list === list ? entry.key : keyIn(list, entry.task.name)));
  return { operations, select };
};

/** One place up or down in their list, which all must be of. */
export const moveTasksBy = (keys: readonly string[], step: 1 | -1): Gesture => (outline) => {
  const entries = chosenEntries(outline, keys);
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined || entries.some((entry) => entry.list !== first.list)) return null;
  const at = step < 0 ? first.at - 1 : last.at + 2;
  return at < 0 || at > first.list.tasks.length ? null : moveTasks(keys, { list: first.list.pointer, at })(outline);
};

interface Node {
  name: string;
  list: List;
}
interface List {
  holder: Node | null;
  /** From its task's pointer to its own. */
  suffix: string;
  nodes: Node[];
}

/** The tasks as they stand after each operation of a plan: pointers are of the document as the operations before left it. */
class Tree {
  readonly #nodes = new Map<string, Node>();
  readonly #lists = new Map<string, List>();

  constructor(index: OutlineIndex) {
    for (const list of index.lists.values()) this.#add(list);
  }

  #add({ pointer, holder, tasks }: TaskList): void {
    const list: List = { holder: holder === null ? null : (this.#nodes.get(holder.task.ref) ?? null), suffix: pointer.slice(holder?.task.ref.length ?? 0), nodes: [] };
    this.#lists.set(pointer, list);
    for (const task of tasks) {
      const node = { name: task.name, list };
      list.nodes.push(node);
      this.#nodes.set(task.ref, node);
    }
  }

  /** Task, list and the task it goes before are named by their pointers of the beginning. Null when it is there already. */
  move(ref: string, pointer: string, beforeRef: string | null): Operation | null {
    const node = this.#nodes.get(ref);
    const list = this.#lists.get(pointer);
    const before = beforeRef === null ? undefined : this.#nodes.get(beforeRef);
    if (node === undefined || list === undefined) return null;
    const [task, target] = [pointerOf(node), pointerOfList(list)];
    const from = node.list.nodes.indexOf(node);
    node.list.nodes.splice(from, 1);
    const at = before === undefined ? list.nodes.length : list.nodes.indexOf(before);
    list.nodes.splice(at, 0, node);
    const stays = node.list === list && at === from;
    node.list = list;
    return stays ? null : { op: "move", task, list: target, at };
  }
}

const pointerOf = (node: Node): string => `${pointerOfList(node.list)}/${node.list.nodes.indexOf(node)}/${escapeName(node.name)}`;
const pointerOfList = (list: List): string => `${list.holder === null ? "" : pointerOf(list.holder)}${list.suffix}`;
