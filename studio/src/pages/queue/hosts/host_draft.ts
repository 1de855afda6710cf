import type { Json } from "../../../api/types";

/** A rule as the form has it: texts, empty for what is not said. */
export interface HostDraft {
  atOnce: string;
  rate: string;
  period: string;
  queued: string;
  wait: string;
  breaker: boolean;
  inARow: string;
  percent: string;
  open: string;
  probes: string;
  whenOpen: "fail" | "wait";
}

type Members = Record<string, Json>;

const membersOf = (value: Json | undefined): Members => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const textOf = (value: Json | undefined): string => (typeof value === "number" || typeof value === "string" ? String(value) : "");

export function draftOf(rules: Members): HostDraft {
  const rate = membersOf(rules.rate);
  const queue = membersOf(rules.queue);
  const breaker = membersOf(rules.breaker);
  return {
    atOnce: textOf(rules.concurrency),
    rate: textOf(rate.limit),
    period: textOf(rate.period),
    queued: textOf(queue.max),
    wait: textOf(queue.wait),
    breaker: rules.breaker !== undefined && rules.breaker !== null,
    inARow: textOf(breaker.in_a_row),
    percent: textOf(breaker.percent),
    open: textOf(breaker.open),
    probes: textOf(breaker.probes),
    whenOpen: breaker.when_open === "wait" ? "wait" : "fail",
  };
}

export const isCount = (text: string) => text.trim() === "" || /^[1-9]\d*$/.test(text.trim());
export const isDuration = (text: string) => text.trim() === "" || /^(\d+(\.\d+)?(d|h|m|s|ms|us))+$/.test(text.trim());

/** The fields that cannot be sent, by what the server calls them. */
export function wrongOf(draft: HostDraft): Record<string, "number" | "duration"> {
  const wrong: Record<string, "number" | "duration"> = {};
  const counts = { concurrency: draft.atOnce, "rate.limit": draft.rate, "queue.max": draft.queued, ...(draft.breaker ? { "breaker.in_a_row": draft.inARow, "breaker.percent": draft.percent, "breaker.probes": draft.probes } : {}) };
  const times = { "rate.period": draft.period, "queue.wait": draft.wait, ...(draft.breaker ? { "breaker.open": draft.open } : {}) };
  for (const [path, text] of Object.entries(counts)) if (!isCount(text)) wrong[path] = "number";
  for (const [path, text] of Object.entries(times)) if (!isDuration(text)) wrong[path] = "duration";
  return wrong;
}

/** What the draft makes of the rule before: members that the form does not show stay as they are. */
export function rulesOf(draft: HostDraft, before: Members): Members {
  const count = (text: string): Json | undefined => (text.trim() === "" ? undefined : Number(text));
  const time = (text: string): Json | undefined => (text.trim() === "" ? undefined : text.trim());
  const part = (name: string, shown: Record<string, Json | undefined>): Members | undefined => {
    const all = Object.entries({ ...membersOf(before[name]), ...shown }).filter((one): one is [string, Json] => one[1] !== undefined);
    return all.length === 0 ? undefined : Object.fromEntries(all);
  };
  const rate = draft.rate.trim() === "" && draft.period.trim() === "" ? undefined : part("rate", { limit: count(draft.rate), period: time(draft.period) });
  const breaker = draft.breaker
    ? (part("breaker", { in_a_row: count(draft.inARow), percent: count(draft.percent), open: time(draft.open), probes: count(draft.probes), when_open: draft.whenOpen === "wait" ? "wait" : undefined }) ?? {})
    : undefined;
  const next = { concurrency: count(draft.atOnce), rate, queue: part("queue", { max: count(draft.queued), wait: time(draft.wait) }), breaker };
  return Object.fromEntries(Object.entries(next).filter((one): one is [string, Json] => one[1] !== undefined));
}

/** The member that the server complains of, at the start of what it says. */
export function placeOf(detail: string): { path: string; message: string } | null {
  const found = /^((?:concurrency|rate|queue|breaker)(?:\.[a-z_]+)?) (.+)$/s.exec(detail);
  return found === null ? null : { path: found[1] ?? "", message: found[2] ?? "" };
}
