import type { JournalEvent, WorkflowError } from "../../api/types";

export interface Attempt {
  number: number;
  at: string;
  status: "running" | "completed" | "faulted" | "cancelled";
  error: WorkflowError | null;
  /** When the next attempt is due. */
  due: string | null;
  request: unknown;
}

/** The events of one task as its attempts. */
export function attemptsOf(events: JournalEvent[]): Attempt[] {
  const attempts: Attempt[] = [];
  for (const event of events) {
    const last = attempts.at(-1);
    if (event.type === "task.started" && event.kind === "try") {
      attempts.push(begun(1, event));
    } else if (event.type === "activity.scheduled" || event.type === "retry.started") {
      const number = typeof event.attempt === "number" ? event.attempt : attempts.length + 1;
      // Scheduled anew after a restart: the same attempt.
      if (last?.number === number) continue;
      attempts.push(begun(number, event));
    } else if (last !== undefined) {
      applyTo(last, event);
    }
  }
  return attempts;
}

function begun(number: number, event: JournalEvent): Attempt {
  return { number, at: event.time, status: "running", error: null, due: null, request: event.request };
}

function applyTo(attempt: Attempt, event: JournalEvent): void {
  const error = (event.error ?? null) as WorkflowError | null;
  switch (event.type) {
    case "activity.failed":
    case "activity.lost":
    case "error.caught":
    case "task.faulted":
      attempt.status = "faulted";
      attempt.error ??= error;
      break;
    case "retry.scheduled":
      attempt.status = "faulted";
      attempt.error ??= error;
      attempt.due = typeof event.due === "string" ? event.due : null;
      break;
    case "task.completed":
      // A try that caught its last error completes too.
      if (attempt.status === "running") attempt.status = "completed";
      break;
    case "task.cancelled":
      attempt.status = "cancelled";
      break;
  }
}
