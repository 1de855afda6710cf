import { expect, it } from "vitest";
import type { TaskExecution } from "../api/types";
import { failureOf, toRows } from "./rows";

const run = (id: number, parent: number | null, second: number, status: TaskExecution["status"] = "completed"): TaskExecution => ({
  id,
  parent,
  ref: `/do/${id}`,
  name: `t${id}`,
  kind: "set",
  status,
  iteration: null,
  attempts: 1,
  started_at: `2026-11-20T10:00:${String(second).padStart(2, "0")}.000Z`,
  finished_at: null,
  duration_ms: null,
});

it("orders by start and puts children under their parent", () => {
  const rows = toRows([run(2, null, 5), run(1, null, 1), run(3, 1, 2)], new Set());
  expect(rows.map((row) => [row.task.id, row.depth])).toEqual([[1, 0], [3, 1], [2, 0]]);
});

it("hides what is under a closed row", () => {
  const rows = toRows([run(1, null, 1), run(3, 1, 2)], new Set([1]));
  expect(rows.map((row) => [row.task.id, row.open, row.children])).toEqual([[1, false, 1]]);
});

it("keeps tasks whose parent is not there", () => {
  expect(toRows([run(3, 99, 2)], new Set())).toHaveLength(1);
});

it("finds the failure that caused the others", () => {
  const tasks = [run(1, null, 1, "faulted"), run(2, 1, 2, "completed"), run(3, 1, 3, "faulted")];
  expect(failureOf(tasks)?.id).toBe(3);
  expect(failureOf([run(1, null, 1)])).toBeNull();
});

it("shows nothing of a saga that its document does not have", () => {
  const at = (id: number, parent: number | null, ref: string, status: TaskExecution["status"] = "faulted") => ({ ...run(id, parent, id, status), ref });
  const tasks = [
    at(1, null, "/do/0/s"),
    at(2, 1, "/do/0/s/with/steps/0/a", "completed"),
    at(3, 1, "/do/0/s/with/steps/0/a/after"),
    at(4, 3, "/do/0/s/with/steps/1/b"),
    at(5, 3, "/do/0/s/with/steps/0/a/undo", "completed"),
    at(6, 3, "/do/0/s/with/steps/0/a/undo/go on"),
  ];
  expect(toRows(tasks, new Set()).map((row) => [row.task.id, row.depth])).toEqual([[1, 0], [2, 1], [4, 1], [5, 1]]);
  expect(failureOf(tasks)?.id).toBe(4);
});
