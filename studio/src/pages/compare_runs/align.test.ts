import { expect, it } from "vitest";
import type { TaskExecution } from "../../api/types";
import { alignRuns, partingOf, sameJson } from "./align";

const task = (name: string, more: Partial<TaskExecution> = {}): TaskExecution =>
  ({ id: 1, parent: null, ref: `/do/${name}`, name, kind: "set", status: "completed", iteration: null, attempts: 1, ...more }) as TaskExecution;
const shown = (pairs: ReturnType<typeof alignRuns>) => pairs.map((one) => `${one.name}${one.a === null ? " b" : one.b === null ? " a" : ""}${one.differs.map((what) => ` ${what}`).join("")}`);

it("puts the same tasks side by side, and what only one has done where it did it", () => {
  const pairs = alignRuns([task("a"), task("b"), task("d")], [task("a"), task("c"), task("d"), task("e")]);
  expect(shown(pairs)).toEqual(["a", "b a only", "c b only", "d", "e b only"]);
  expect(partingOf(pairs)?.name).toBe("b");
});

it("tells rounds of a task apart by their turn", () => {
  const pairs = alignRuns([task("a", { output: 1 }), task("a", { output: 2 })], [task("a", { output: 1 }), task("a", { output: 3 }), task("a")]);
  expect(shown(pairs)).toEqual(["a", "a output", "a b only"]);
});

it("says what differs", () => {
  const failed = task("a", { status: "faulted", error: { type: "x" }, attempts: 3, input: { n: 1 } });
  expect(alignRuns([failed], [task("a", { input: { n: 2 } })])[0]?.differs).toEqual(["status", "input", "error", "attempts"]);
  expect(partingOf(alignRuns([task("a")], [task("a", { duration_ms: 5 })]))).toBeUndefined();
});

it("compares values, not their text", () => {
  expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  for (const [a, b] of [[{ a: 1 }, { b: 1 }], [[1], [1, 2]], [{}, []], [null, {}], ["1", 1]] as const) expect(sameJson(a as never, b as never)).toBe(false);
});

it("keeps the order when tasks ran in another one", () => {
  expect(shown(alignRuns([task("a"), task("b")], [task("b"), task("x"), task("a")]))).toEqual(["x b only", "a", "b"]);
});
