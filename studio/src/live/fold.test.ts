import { describe, expect, it } from "vitest";
import type { Execution, JournalEvent } from "../api/types";
import { foldEvents } from "./fold";

const T = "2026-11-20T10:00:0";
const execution: Execution = {
  id: "exe_1",
  workflow: "orders",
  namespace: "default",
  version: "1.0.0",
  status: "pending",
  trigger: "api",
  created_at: `${T}0.000Z`,
  started_at: null,
  finished_at: null,
  duration_ms: null,
  error: null,
  input: null,
  output: null,
  waiting_for: [],
  tasks: [],
  tasks_total: 0,
};
const event = (seq: number, type: string, more: Partial<JournalEvent> = {}): JournalEvent => ({ seq, type, time: `${T}${seq}.000Z`, ...more });

const journal = [
  event(1, "execution.started"),
  event(2, "task.started", { task_id: 1, ref: "/do/0/a", name: "a", kind: "call", input: { n: 1 } }),
  event(3, "activity.scheduled", { task_id: 1, attempt: 1 }),
  event(4, "retry.scheduled", { task_id: 1, attempt: 1, due: `${T}6.000Z` }),
  event(6, "activity.scheduled", { task_id: 1, attempt: 2 }),
  event(7, "task.completed", { task_id: 1, output: { ok: true } }),
  event(8, "execution.completed", { output: 42 }),
];

describe("foldEvents", () => {
  it("follows an execution from start to end", () => {
    const done = foldEvents(execution, journal);
    expect(done).toMatchObject({ status: "completed", output: 42, duration_ms: 7000, waiting_for: [] });
    expect(done.tasks).toHaveLength(1);
    expect(done.tasks[0]).toMatchObject({ status: "completed", attempts: 2, output: { ok: true }, duration_ms: 5000 });
  });

  it("says what is waited for, and stops saying it", () => {
    const waiting = foldEvents(execution, journal.slice(0, 4));
    expect(waiting.tasks[0]?.status).toBe("waiting");
    expect(waiting.waiting_for).toEqual([{ ref: "/do/0/a", name: "a", reason: "retry", since: `${T}4.000Z`, until: `${T}6.000Z` }]);
    expect(foldEvents(waiting, journal.slice(4, 5)).waiting_for).toEqual([]);
  });

  it("is not confused by a replay of what it knows", () => {
    const done = foldEvents(execution, journal);
    expect(foldEvents(done, journal)).toEqual(done);
  });

  it("keeps the error of a failed task and of the execution", () => {
    const error = { type: "timeout", status: 408, title: "Too slow" };
    const failed = foldEvents(execution, [...journal.slice(0, 2), event(3, "task.faulted", { task_id: 1, error }), event(4, "execution.faulted", { error })]);
    expect(failed).toMatchObject({ status: "faulted", error });
    expect(failed.tasks[0]).toMatchObject({ status: "faulted", error });
  });

  it("ignores events of tasks it has never heard of", () => {
    expect(foldEvents(execution, [event(3, "activity.scheduled", { task_id: 9 })])).toBe(execution);
  });
});
