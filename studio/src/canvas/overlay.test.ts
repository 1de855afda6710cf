import { expect, it } from "vitest";
import type { TaskExecution } from "../api/types";
import { overlayOf, taken } from "./overlay";

const run = (id: number, ref: string, more: Partial<TaskExecution> = {}): TaskExecution => ({
  id,
  parent: null,
  ref,
  name: ref,
  kind: "set",
  status: "completed",
  iteration: null,
  attempts: 1,
  started_at: "2026-11-20T10:00:00.000Z",
  finished_at: null,
  duration_ms: 10,
  ...more,
});

it("says that there are more than it knows", () => {
  expect(overlayOf([run(1, "loop", { kind: "for" })], 9001).get("loop")?.more).toBe(true);
  expect(overlayOf([run(1, "loop", { kind: "for" })]).get("loop")?.more).toBe(false);
});

it("sums up the rounds of a loop and shows the loudest status", () => {
  const overlay = overlayOf([
    run(1, "loop", { kind: "for", status: "running", duration_ms: null }),
    run(2, "x", { parent: 1, iteration: 0 }),
    run(3, "x", { parent: 1, iteration: 1, status: "faulted", attempts: 3 }),
    run(4, "x", { parent: 1, iteration: 2, status: "running", duration_ms: null }),
  ]);
  expect(overlay.get("loop")).toMatchObject({ rounds: 3, status: "running" });
  expect(overlay.get("x")).toMatchObject({ runs: 3, done: 2, faulted: 1, attempts: 3, duration_ms: 20, status: "running", rounds: null });
});

it("marks only the edges between tasks that ran", () => {
  const overlay = overlayOf([run(1, "a"), run(2, "b", { status: "skipped" })]);
  expect(taken({ source: "start", target: "a" }, overlay, false)).toBe(true);
  expect(taken({ source: "a", target: "b" }, overlay, false)).toBe(false);
  expect(taken({ source: "a", target: "end" }, overlay, true)).toBe(true);
});
