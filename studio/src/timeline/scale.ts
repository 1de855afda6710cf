import type { TaskExecution } from "../api/types";

/** The time axis: from the first start to the last end (or now), with round steps. */
export interface Scale {
  from: number;
  to: number;
}

export interface Bar {
  /** Fractions of the axis, 0 to 1. */
  left: number;
  width: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

export function scaleOf(startedAt: string, finishedAt: string | null, tasks: TaskExecution[], now: number): Scale {
  const from = Date.parse(startedAt);
  let to = finishedAt === null ? now : Date.parse(finishedAt);
  for (const task of tasks) to = Math.max(to, Date.parse(task.finished_at ?? task.started_at));
  return { from, to: Math.max(to, from + 1) };
}

export function ticksOf(scale: Scale, ticksMax: number): number[] {
  const length = scale.to - scale.from;
  const step = STEPS.find((one) => length / one <= ticksMax) ?? length;
  const ticks: number[] = [];
  for (let at = 0; at <= length; at += step) ticks.push(at);
  return ticks;
}

export function barOf(scale: Scale, task: Pick<TaskExecution, "started_at" | "finished_at">, now: number): Bar {
  const length = scale.to - scale.from;
  const start = Date.parse(task.started_at);
  const end = task.finished_at === null ? Math.max(now, start) : Date.parse(task.finished_at);
  const left = clamp((start - scale.from) / length);
  return { left, width: clamp((end - scale.from) / length) - left };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
