import { parseDocument } from "yaml";
import type { Json } from "../api/types";
import { unescapeName } from "./outline_index";

/** What a document says of its own starts, and of the events it wants. For showing only: the compiler decides what is right. */
export type ScheduleText =
  | { kind: "cron"; expression: string }
  | { kind: "every" | "after"; duration: string }
  | { kind: "on"; types: string[] };

export function scheduleOf(source: string): ScheduleText[] {
  const schedule = memberOf(read(source), "schedule");
  const found: ScheduleText[] = [];
  const cron = memberOf(schedule, "cron");
  if (typeof cron === "string") found.push({ kind: "cron", expression: cron });
  for (const kind of ["every", "after"] as const) {
    const duration = memberOf(schedule, kind);
    if (duration !== undefined) found.push({ kind, duration: durationText(duration) });
  }
  const on = memberOf(schedule, "on");
  if (on !== undefined) found.push({ kind: "on", types: eventTypes(on) });
  return found;
}

/** The types of events that the task at a pointer waits for. */
export function awaitedTypes(source: string, ref: string): string[] {
  const task = ref.split("/").slice(1).reduce((node, segment) => memberOf(node, unescapeName(segment)), read(source));
  return eventTypes(memberOf(task, "listen"));
}

/** Every `type` that a filter (`with`) asks for, however deep; expressions and patterns are none. */
function eventTypes(value: Json | undefined): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = memberOf(memberOf(value, "with"), "type");
  const inner = Object.entries(value).flatMap(([key, one]) => (key === "with" ? [] : eventTypes(one)));
  return [...new Set(typeof own === "string" && !own.includes("${") ? [own, ...inner] : inner)];
}

const UNITS = ["days", "hours", "minutes", "seconds", "milliseconds"] as const;
const SHORT = { days: "d", hours: "h", minutes: "min", seconds: "s", milliseconds: "ms" };

function durationText(value: Json): string {
  if (typeof value === "string") return value;
  return UNITS.map((unit) => [memberOf(value, unit), SHORT[unit]])
    .filter(([amount]) => typeof amount === "number" && amount !== 0)
    .map(([amount, unit]) => `${String(amount)} ${String(unit)}`)
    .join(" ");
}

function read(source: string): Json | undefined {
  const doc = parseDocument(source, { prettyErrors: false });
  try {
    return doc.errors.length > 0 ? undefined : (doc.toJS({ maxAliasCount: 100 }) as Json);
  } catch {
    return undefined;
  }
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  value === null || typeof value !== "object" ? undefined : Array.isArray(value) ? value[Number(name)] : value[name];
