import type { Json, TaskExecution } from "../../api/types";

/** What a task did in each of two runs; null where it has not run. */
export interface Pair {
  key: string;
  name: string;
  a: TaskExecution | null;
  b: TaskExecution | null;
  /** What differs, beside how long it took. */
  differs: Difference[];
}

export type Difference = "only" | "status" | "input" | "output" | "error" | "attempts";

/** The tasks of two runs side by side, in the order of the first; what only the second has done stands where it did it. */
export function alignRuns(a: TaskExecution[], b: TaskExecution[]): Pair[] {
  const ofB = keyed(b);
  const places = new Map(ofB.map(({ key }, index) => [key, index]));
  const inA = new Set(keyed(a).map(({ key }) => key));
  const pairs: Pair[] = [];
  let next = 0;
  const addMissing = (end: number) => {
    for (; next < end; next++) {
      const one = ofB[next];
      if (one !== undefined && !inA.has(one.key)) pairs.push(pairOf(one.key, null, one.task));
    }
  };
  for (const { key, task } of keyed(a)) {
    const place = places.get(key);
    if (place !== undefined) addMissing(place);
    pairs.push(pairOf(key, task, place === undefined ? null : (ofB[place]?.task ?? null)));
    if (place !== undefined) next = Math.max(next, place + 1);
  }
  addMissing(ofB.length);
  return pairs;
}

/** The first place at which they did not do the same. */
export const partingOf = (pairs: Pair[]): Pair | undefined => pairs.find((pair) => pair.differs.length > 0);

/** A task may run many times, in rounds: the same one is that of the same place and turn. */
function keyed(tasks: TaskExecution[]): { key: string; task: TaskExecution }[] {
  const turns = new Map<string, number>();
  return tasks.map((task) => {
    const turn = (turns.get(task.ref) ?? 0) + 1;
    turns.set(task.ref, turn);
    return { key: `${task.ref} ${turn}`, task };
  });
}

function pairOf(key: string, a: TaskExecution | null, b: TaskExecution | null): Pair {
  return { key, name: (a ?? b)?.name ?? key, a, b, differs: a === null || b === null ? ["only"] : differences(a, b) };
}

function differences(a: TaskExecution, b: TaskExecution): Difference[] {
  const all: [Difference, boolean][] = [
    ["status", a.status !== b.status],
    ["input", !sameJson(a.input ?? null, b.input ?? null)],
    ["output", !sameJson(a.output ?? null, b.output ?? null)],
    ["error", (a.error?.type ?? null) !== (b.error?.type ?? null) || (a.error?.detail ?? null) !== (b.error?.detail ?? null)],
    ["attempts", a.attempts !== b.attempts],
  ];
  return all.filter(([, differs]) => differs).map(([what]) => what);
}

/** The order of members does not matter. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => sameJson(one, b[index] ?? null));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && sameJson(a[name] ?? null, b[name] ?? null));
}
