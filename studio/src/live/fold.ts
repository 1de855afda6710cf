import type { Execution, Json, JournalEvent, Phase, TaskExecution, WaitingFor, WorkflowError } from "../api/types";

/**
 * Folds the journal's events into an execution, so that the page moves with every event and needs no reload. The same
 * event may come twice, or late (the stream replays from the start): a task that has ended never goes back, and what is
 * already there is not added again. The server's own picture is fetched from time to time and replaces this one.
 */
const ENDED = new Set<string>(["completed", "faulted", "cancelled", "skipped"]);

export const hasEnded = (status: string): boolean => status === "completed" || status === "faulted" || status === "cancelled" || status === "absorbed";

/** It has ended, or waits, without ever having begun: there is no journal of it. */
export const neverBegan = ({ status, started_at }: Pick<Execution, "status" | "started_at">): boolean =>
  status === "queued" || status === "absorbed" || (status === "cancelled" && started_at === null);

/** The server shows so many tasks at most, the oldest; more would only make the page slow. */
const TASKS_MAX = 1000;

/** Thousands of events may come in a second: what they change is looked up, and copied once, for all of them together. */
export function foldEvents(execution: Execution, events: JournalEvent[]): Execution {
  const last = events.at(-1)?.seq ?? 0;
  const before: Folded = { execution, tasks: [...execution.tasks], places: new Map(execution.tasks.map((task, place) => [task.id, place])), changed: false };
  const after = events.reduce(foldEvent, before);
  const next = after.changed ? withStatus({ ...after.execution, tasks: after.tasks }) : after.execution;
  return { ...next, events: Math.max(execution.events ?? 0, last) };
}

interface Folded {
  execution: Execution;
  /** Its tasks as they become, and where each of them stands. */
  tasks: TaskExecution[];
  places: Map<number, number>;
  changed: boolean;
}

function foldEvent(folded: Folded, event: JournalEvent): Folded {
  const { execution, tasks, places } = folded;
  if (event.type.startsWith("execution.")) return { ...folded, execution: foldExecution(execution, event), changed: folded.changed || event.type === "execution.resumed" };
  const id = event.task_id;
  if (id === undefined) return folded;
  const place = places.get(id);
  const known = place === undefined ? undefined : tasks[place];
  if (known === undefined || place === undefined) {
    // A task that took no time at all has no event of its start.
    if (!event.type.startsWith("task.") || tasks.length >= TASKS_MAX) return folded;
    const task = foldTask(started(event, id, folded), event);
    places.set(id, tasks.push(task) - 1);
    return { ...folded, changed: true, execution: { ...execution, tasks_total: execution.tasks_total + 1, waiting_for: foldWaiting(execution.waiting_for, task, event) } };
  }
  if (ENDED.has(known.status)) return folded;
  const task = foldTask(known, event);
  if (task === known) return folded;
  tasks[place] = task;
  return { ...folded, changed: true, execution: { ...execution, waiting_for: foldWaiting(execution.waiting_for, known, event) } };
}

/** An execution waits when something waits and nothing else moves; it is suspended when only an operator moves it. */
function withStatus(execution: Execution): Execution {
  if (hasEnded(execution.status) || execution.status === "pending" || (execution.paused ?? null) !== null) return execution;
  const parents = new Set(execution.tasks.map((task) => task.parent));
  const busy = execution.tasks.some((task) => task.status === "running" && !parents.has(task.id));
  const waits = execution.waiting_for.filter((one) => one.reason !== "operator").length > 0;
  const status = busy ? "running" : waits ? "waiting" : execution.waiting_for.length > 0 ? "suspended" : "running";
  return status === execution.status ? execution : { ...execution, status };
}

function foldExecution(execution: Execution, event: JournalEvent): Execution {
  if (hasEnded(execution.status)) return execution;
  const end = (status: Phase, more: Partial<Execution>): Execution => ({
    ...execution,
    status,
    waiting_for: [],
    finished_at: event.time,
    duration_ms: between(execution.started_at ?? execution.created_at, event.time),
    ...more,
  });
  switch (event.type) {
    case "execution.started":
      return execution.status === "pending" ? { ...execution, status: "running", started_at: event.time } : execution;
    case "execution.completed":
      return end("completed", { output: (event.output ?? null) as Json });
    case "execution.faulted":
      return end("faulted", { error: (event.error ?? null) as WorkflowError | null });
    case "cancel.requested":
      return { ...execution, cancelling: { reason: typeof event.reason === "string" ? event.reason : null, until: String(event.deadline) } };
    case "execution.cancelled":
      return end("cancelled", {});
    case "execution.paused":
      return { ...execution, status: "suspended", paused: pauseFrom(event, execution.paused?.since ?? event.time) };
    case "execution.resumed":
      return { ...execution, status: "running", paused: null };
    case "execution.migrated":
      return typeof event.to === "string" ? { ...execution, version: event.to } : execution;
    default:
      return execution;
  }
}

function pauseFrom(event: JournalEvent, since: string): NonNullable<Execution["paused"]> {
  return {
    since,
    by: typeof event.by === "string" ? event.by : "",
    reason: typeof event.reason === "string" ? event.reason : null,
    ...(typeof event.task === "string" ? { task: event.task } : {}),
    ...(typeof event.error === "object" && event.error !== null ? { error: event.error as WorkflowError } : {}),
  };
}

function started(event: JournalEvent, id: number, folded: Folded): TaskExecution {
  return {
    id,
    parent: event.parent_id ?? null,
    ref: event.ref ?? "",
    name: event.name ?? event.ref ?? "",
    kind: typeof event.kind === "string" ? event.kind : "do",
    status: "running",
    iteration: typeof event.iteration === "number" ? event.iteration : roundOf(event.parent_id ?? null, folded),
    attempts: 1,
    started_at: event.time,
    finished_at: null,
    duration_ms: null,
    input: event.input as Json | undefined,
    error: null,
  };
}

/** The round of the nearest loop around; null outside of loops. */
function roundOf(parent: number | null, folded: Folded): number | null {
  const around = parent === null ? undefined : folded.tasks[folded.places.get(parent) ?? -1];
  if (around === undefined) return null;
  if (around.kind !== "for") return roundOf(around.parent, folded);
  if (around.loop_index !== undefined) return around.loop_index;
  const known = folded.tasks.filter((task) => task.parent === around.id).map((task) => task.iteration ?? 0);
  return Math.max(0, ...known);
}

function foldTask(task: TaskExecution, event: JournalEvent): TaskExecution {
  const end = (status: TaskExecution["status"], more: Partial<TaskExecution>): TaskExecution => ({
    ...task,
    status,
    finished_at: event.time,
    duration_ms: between(task.started_at, event.time),
    ...more,
  });
  switch (event.type) {
    case "task.completed":
      return end("completed", { output: event.output as Json | undefined });
    case "task.faulted":
      return end("faulted", { error: (event.error ?? null) as WorkflowError | null });
    case "task.cancelled":
      return end("cancelled", {});
    case "task.skipped":
      return end("skipped", {});
    case "task.started":
      return typeof event.due === "string" || task.kind === "listen" ? { ...task, status: "waiting" } : task;
    case "event.consumed":
      return event.last === true ? { ...task, status: "running" } : { ...task };
    case "loop.advanced":
      return { ...task, loop_index: numberOr(event.index, 0) };
    case "retry.started":
    case "activity.scheduled":
      return { ...task, status: "running", attempts: Math.max(task.attempts, numberOr(event.attempt, 1)) };
    case "retry.scheduled":
    case "timer.set":
      return { ...task, status: "waiting" };
    case "task.parked":
      return { ...task, status: "suspended", error: (event.error ?? null) as WorkflowError | null };
    case "task.repaired":
      return { ...task, error: null };
    case "timer.fired":
      return { ...task, status: "running" };
    default:
      return task;
  }
}

function foldWaiting(waiting: WaitingFor[], task: TaskExecution, event: JournalEvent): WaitingFor[] {
  const others = waiting.filter((one) => one.ref !== task.ref);
  // One of several events has come; the task waits on for the rest.
  if (event.type === "event.consumed" && event.last !== true) return waiting;
  const reason = reasonOf(task, event);
  if (reason === null) return others;
  const until = reason === "event" ? event.deadline : event.due;
  return [...others, { task_id: task.id, ref: task.ref, name: task.name, reason, since: event.time, until: typeof until === "string" ? until : null }];
}

function reasonOf(task: TaskExecution, event: JournalEvent): "timer" | "event" | "retry" | "operator" | null {
  if (event.type === "task.parked") return "operator";
  if (event.type === "retry.scheduled") return "retry";
  if (event.type === "timer.set" || (event.type === "task.started" && typeof event.due === "string")) return "timer";
  return event.type === "task.started" && task.kind === "listen" ? "event" : null;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
