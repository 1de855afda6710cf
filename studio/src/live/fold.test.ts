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
  parent: null,
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
    expect(waiting.status).toBe("waiting");
    expect(waiting.waiting_for).toEqual([{ task_id: 1, ref: "/do/0/a", name: "a", reason: "retry", since: `${T}4.000Z`, until: `${T}6.000Z` }]);
    const moving = foldEvents(waiting, journal.slice(4, 5));
    expect(moving.waiting_for).toEqual([]);
    expect(moving.status).toBe("running");
  });

  it("tells that it is paused, parked and repaired", () => {
    const running = foldEvents(execution, journal.slice(0, 3));
    const paused = foldEvents(running, [event(4, "execution.paused", { by: "studio", reason: "look" })]);
    expect(paused.status).toBe("suspended");
    expect(paused.paused).toMatchObject({ by: "studio", reason: "look", since: `${T}4.000Z` });
    expect(foldEvents(paused, [event(5, "execution.resumed", { by: "studio" })])).toMatchObject({ status: "running", paused: null });
    const parked = foldEvents(running, [event(4, "task.parked", { task_id: 1, error: { type: "x", status: 503 } })]);
    expect(parked.status).toBe("suspended");
    expect(parked.waiting_for).toMatchObject([{ task_id: 1, reason: "operator" }]);
    expect(parked.tasks[0]?.error).toMatchObject({ status: 503 });
    const repaired = foldEvents(parked, [event(5, "task.repaired", { task_id: 1, act: "retry" }), event(6, "activity.scheduled", { task_id: 1, attempt: 2 })]);
    expect(repaired).toMatchObject({ status: "running", waiting_for: [] });
    expect(repaired.tasks[0]).toMatchObject({ status: "running", error: null });
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

  it("takes a start that has a due time for a timer", () => {
    const started = event(2, "task.started", { task_id: 1, ref: "/do/0/w", name: "w", kind: "wait", due: `${T}9.000Z` });
    const waiting = foldEvents(execution, [event(1, "execution.started"), started]);
    expect(waiting).toMatchObject({ status: "waiting", waiting_for: [{ name: "w", reason: "timer", until: `${T}9.000Z` }] });
  });

  it("waits for events until the last has come", () => {
    const started = event(2, "task.started", { task_id: 1, ref: "/do/0/l", name: "l", kind: "listen", deadline: `${T}9.000Z` });
    const waiting = foldEvents(execution, [event(1, "execution.started"), started, event(3, "event.consumed", { task_id: 1, last: false })]);
    expect(waiting).toMatchObject({ status: "waiting", waiting_for: [{ name: "l", reason: "event", since: `${T}2.000Z`, until: `${T}9.000Z` }] });
    expect(foldEvents(waiting, [event(4, "event.consumed", { task_id: 1, last: true })])).toMatchObject({ status: "running", waiting_for: [] });
  });

  it("follows a move to another version", () => {
    expect(foldEvents(execution, [event(1, "execution.started"), event(2, "execution.migrated", { from: "1.0.0", to: "1.1.0" })]).version).toBe("1.1.0");
  });

  it("knows a task by its end when it had no start", () => {
    const done = foldEvents(execution, [event(2, "task.completed", { task_id: 1, ref: "/do/0/s", name: "s", kind: "set", output: 1 })]);
    expect(done.tasks[0]).toMatchObject({ name: "s", status: "completed", output: 1, duration_ms: 0 });
  });

  it("counts the rounds of a loop for what runs inside, however deep", () => {
    const inside = (seq: number, id: number, parent_id: number, kind: string) => event(seq, "task.started", { task_id: id, parent_id, ref: `/${id}`, name: "x", kind });
    const { tasks } = foldEvents(execution, [
      event(1, "task.started", { task_id: 1, ref: "/do/0/loop", name: "loop", kind: "for" }),
      inside(2, 2, 1, "do"),
      inside(3, 3, 2, "set"),
      event(4, "loop.advanced", { task_id: 1, index: 1 }),
      inside(5, 4, 1, "do"),
      inside(6, 5, 4, "set"),
    ]);
    expect(tasks.map((task) => task.iteration)).toEqual([null, 0, 0, 1, 1]);
  });

  it("ignores events of tasks it has never heard of", () => {
    expect(foldEvents(execution, [event(3, "activity.scheduled", { task_id: 9 })])).toEqual({ ...execution, events: 3 });
  });
});
