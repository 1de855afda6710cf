import { expect, it } from "vitest";
import type { JournalEvent } from "../../api/types";
import { attemptsOf } from "./attempts_of";

const event = (seq: number, type: string, more: Partial<JournalEvent> = {}): JournalEvent => ({ seq, type, time: `2026-11-20T10:00:0${seq}.000Z`, ...more });

it("tells the attempts of a try, which retries what is inside", () => {
  const error = { type: "runtime", title: "Card declined", status: 402 };
  const attempts = attemptsOf([
    event(1, "task.started", { kind: "try" }),
    event(2, "retry.scheduled", { attempt: 1, error, due: "2026-11-20T10:00:03.000Z" }),
    event(3, "retry.started", { attempt: 2 }),
    event(4, "error.caught", { error }),
    event(5, "task.completed"),
  ]);
  expect(attempts.map((one) => [one.number, one.status])).toEqual([[1, "faulted"], [2, "faulted"]]);
});

it("tells each attempt, its error and when the next was due", () => {
  const error = { type: "communication", title: "Service unavailable", status: 503 };
  const attempts = attemptsOf([
    event(1, "task.started"),
    event(2, "activity.scheduled", { attempt: 1, request: { method: "get" } }),
    event(3, "activity.failed", { attempt: 1, error }),
    event(4, "retry.scheduled", { attempt: 1, due: "2026-11-20T10:00:05.000Z", error }),
    event(5, "activity.scheduled", { attempt: 2 }),
    event(6, "activity.scheduled", { attempt: 2 }),
    event(7, "task.completed"),
  ]);
  expect(attempts).toHaveLength(2);
  expect(attempts[0]).toMatchObject({ status: "faulted", error, due: "2026-11-20T10:00:05.000Z" });
  expect(attempts[1]).toMatchObject({ number: 2, status: "completed", error: null });
});
