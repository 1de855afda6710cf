import type { Gate, GateName, PauseTarget, WaitsFor } from "../../api/flow";
import { shortName } from "../../lib/qualified_name";
import { t } from "../../messages";

/** ".customer = 17"; empty where there is one gate for all. */
export function keyText({ expression, key }: Pick<PauseTarget, "expression" | "key">): string {
  return expression === null ? "" : t.flow.key(expression.trim(), key ?? "");
}

/** What is paused, or what a gate is of: "bill, .customer = 17". */
export function targetText(target: PauseTarget): string {
  if (target.workflow === null) return t.flow.pauses.all;
  return [shortName(target.workflow), keyText(target)].filter(Boolean).join(", ");
}

export const resumeText = (target: PauseTarget): string => (target.workflow === null ? t.flow.pauses.resumeAll : t.flow.pauses.resumeWhat(targetText(target)));

/** Today only the clock; else the day, too. */
export function whenText(iso: string, now: number): string {
  const at = new Date(iso);
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const today = at.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat("en-GB", today ? clock : { weekday: "short", day: "numeric", month: "short", ...clock }).format(at);
}

/** Which gate a run waits for, in plain words. */
export function waitText(waits: WaitsFor | null, now: number): string {
  const w = t.flow.waits;
  if (waits === null) return w.starting;
  const key = keyText({ expression: waits.expression ?? null, key: waits.key ?? null });
  const at = (waits.until ?? null) === null ? "" : whenText(waits.until as string, now);
  switch (waits.kind) {
    case "concurrency":
      if (waits.limit === undefined) return w.concurrencyUnknown;
      return (waits.workflow ?? null) === null ? w.account(waits.limit) : w.concurrency(waits.limit, key);
    case "throttle":
      return w.throttle(key, at);
    case "pause":
      return w.pause((waits.workflow ?? null) === null ? w.allPaused : key, waits.note ?? "");
    case "debounce":
      return w.debounce(at);
    case "batch":
      return w.batch(at);
    case "singleton":
      return w.singleton;
    case "turn":
      return w.turn;
  }
}

const UNITS = [
  { ms: 1000, name: "a second" },
  { ms: 60_000, name: "a minute" },
  { ms: 3_600_000, name: "an hour" },
  { ms: 86_400_000, name: "a day" },
];
const STARTS_MAX = 1000;

/** "4 starts a minute": in the smallest unit in which the number is whole; else how long it is between two. */
export function paceText(intervalMs: number, between: (ms: number) => string): string {
  for (const unit of UNITS) {
    const starts = unit.ms / intervalMs;
    if (starts >= 1 && starts <= STARTS_MAX && Math.abs(starts - Math.round(starts)) < 1e-6) return t.flow.gates.many(Math.round(starts), unit.name);
  }
  return t.flow.gates.every(between(intervalMs));
}

export const gateId = (gate: GateName): string => JSON.stringify([gate.kind, gate.workflow, gate.expression, gate.key]);

export const isSameTarget = (a: PauseTarget, b: PauseTarget): boolean => a.workflow === b.workflow && a.expression === b.expression && (a.expression === null || (a.key ?? "") === (b.key ?? ""));

/** What a pause holds back: the gate that it is. */
export const gateOfPause = (pause: PauseTarget, gates: Gate[]): Gate | undefined => gates.find((gate) => gate.kind === "pause" && isSameTarget(gate, pause));
