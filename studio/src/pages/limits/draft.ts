import type { Rules } from "../../api/flow";
import type { Json } from "../../api/types";
import { asExpression, inside, isMapping } from "../../form/shape";

/**
 * The rules of a workflow as a form holds them: every field is a text, a rule that is off is null. The form and the JSON are two views of the
 * same rules; what the form cannot hold stays JSON (`fitsForm`).
 */
export interface PaceDraft {
  limit: string;
  period: string;
  burst: string;
  key: string;
}

export interface LimitsDraft {
  atOnce: string | null;
  perKey: { limit: string; key: string }[];
  throttle: PaceDraft | null;
  rate: PaceDraft | null;
  debounce: { period: string; maxWait: string; key: string } | null;
  singleton: { key: string; second: "skip" | "cancel_first" } | null;
  batch: { size: string; timeout: string; key: string } | null;
  priority: { how: "fixed" | "expression"; fixed: string; expression: string } | null;
  fairness: { key: string; weights: { key: string; weight: string }[] } | null;
  queue: { max: string; perKey: string } | null;
}

export const NO_LIMITS: LimitsDraft = { atOnce: null, perKey: [], throttle: null, rate: null, debounce: null, singleton: null, batch: null, priority: null, fairness: null, queue: null };

/** What a rule begins with when it is switched on: what most want, to be changed. */
export const FIRST = {
  throttle: { limit: "60", period: "1m", burst: "", key: "" },
  rate: { limit: "60", period: "1m", burst: "", key: "" },
  debounce: { period: "10s", maxWait: "", key: "" },
  singleton: { key: "", second: "skip" },
  batch: { size: "100", timeout: "10s", key: "" },
  priority: { how: "fixed", fixed: "3", expression: "" },
  fairness: { key: "", weights: [] },
  queue: { max: "", perKey: "" },
} as const satisfies Partial<{ [K in keyof LimitsDraft]: unknown }>;

// ---- From rules

const objectAt = (rules: Rules, name: string) => (isMapping(rules[name]) ? (rules[name] as Rules) : null);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
const keyAt = (rule: Rules): string => inside(text(rule.key));

const paceFrom = (rule: Rules | null): PaceDraft | null => rule && { limit: text(rule.limit), period: text(rule.period), burst: text(rule.burst), key: keyAt(rule) };

export function draftOf(rules: Rules): LimitsDraft {
  const concurrency = (Array.isArray(rules.concurrency) ? rules.concurrency : [rules.concurrency]).filter(isMapping) as Rules[];
  const plain = concurrency.find((rule) => keyAt(rule) === "");
  const debounce = objectAt(rules, "debounce");
  const singleton = objectAt(rules, "singleton");
  const batch = objectAt(rules, "batch");
  const fairness = objectAt(rules, "fairness");
  const queue = objectAt(rules, "queue");
  return {
    atOnce: plain === undefined ? null : text(plain.limit),
    perKey: concurrency.filter((rule) => rule !== plain).map((rule) => ({ limit: text(rule.limit), key: keyAt(rule) })),
    throttle: paceFrom(objectAt(rules, "throttle")),
    rate: paceFrom(objectAt(rules, "rate_limit")),
    debounce: debounce && { period: text(debounce.period), maxWait: text(debounce.max_wait), key: keyAt(debounce) },
    singleton: singleton && { key: keyAt(singleton), second: singleton.on_second === "cancel_first" ? "cancel_first" : "skip" },
    batch: batch && { size: text(batch.size), timeout: text(batch.timeout), key: keyAt(batch) },
    priority: priorityFrom(rules.priority),
    fairness: fairness && { key: keyAt(fairness), weights: weightsFrom(fairness.weights) },
    queue: queue && { max: text(queue.max), perKey: text(queue.max_per_key) },
  };
}

function priorityFrom(value: Json | undefined): LimitsDraft["priority"] {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? { how: "expression", fixed: FIRST.priority.fixed, expression: inside(value) } : { how: "fixed", fixed: text(value), expression: "" };
}

const weightsFrom = (value: Json | undefined) => (isMapping(value) ? Object.entries(value).map(([key, weight]) => ({ key, weight: text(weight) })) : []);

// ---- To rules

/** What is no number goes as it is: the server says what is wrong with it. */
const number = (typed: string): Json => (/^-?\d+$/.test(typed.trim()) ? Number(typed) : typed.trim());
const given = (name: string, typed: string, value: (typed: string) => Json = (one) => one.trim()): Rules => (typed.trim() === "" ? {} : { [name]: value(typed) });
const keyed = (key: string) => given("key", key, asExpression);

const paceTo = (name: string, pace: PaceDraft | null): Rules =>
  pace === null ? {} : { [name]: { limit: number(pace.limit), period: pace.period.trim(), ...given("burst", pace.burst, number), ...keyed(pace.key) } };

export function rulesOf(draft: LimitsDraft): Rules {
  const { atOnce, perKey, debounce, singleton, batch, priority, fairness, queue } = draft;
  const concurrency = [...(atOnce === null ? [] : [{ limit: number(atOnce) }]), ...perKey.map((row) => ({ limit: number(row.limit), ...keyed(row.key) }))];
  return {
    ...(concurrency.length === 0 ? {} : { concurrency }),
    ...paceTo("throttle", draft.throttle),
    ...paceTo("rate_limit", draft.rate),
    ...(debounce && { debounce: { period: debounce.period.trim(), ...given("max_wait", debounce.maxWait), ...keyed(debounce.key) } }),
    ...(singleton && { singleton: { on_second: singleton.second, ...keyed(singleton.key) } }),
    ...(batch && { batch: { size: number(batch.size), timeout: batch.timeout.trim(), ...keyed(batch.key) } }),
    ...(priority && { priority: priority.how === "fixed" ? number(priority.fixed) : asExpression(priority.expression) }),
    ...(fairness && { fairness: { ...keyed(fairness.key), ...weightsTo(fairness.weights) } }),
    ...(queue && { queue: { ...given("max", queue.max, number), ...given("max_per_key", queue.perKey, number) } }),
  };
}

const weightsTo = (weights: { key: string; weight: string }[]): Rules =>
  weights.length === 0 ? {} : { weights: Object.fromEntries(weights.map((one) => [one.key, number(one.weight)])) };

// ---- Which of them the form can show

/** The same for rules that mean the same: one rule or a list of one, blanks around an expression, what stands there by itself. */
function canonical(value: Json | undefined, name = ""): Json {
  if (name === "concurrency" && !Array.isArray(value)) return canonical([value ?? null], name);
  if (name === "concurrency" && Array.isArray(value)) return value.map((one) => canonical(one)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (Array.isArray(value)) return value.map((one) => canonical(one));
  if ((name === "key" || name === "priority") && typeof value === "string") return asExpression(inside(value));
  if (!isMapping(value)) return value ?? null;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, canonical(member, name === "weights" ? "" : key)]);
  const { on_second: second, ...rest } = Object.fromEntries(sorted) as Rules;
  return second === undefined || second === "skip" ? rest : { ...rest, on_second: second };
}

export const sameRules = (a: Json, b: Json): boolean => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));

/** Nothing would be lost if the form wrote these rules. */
export const fitsForm = (rules: Json): rules is Rules => isMapping(rules) && sameRules(rulesOf(draftOf(rules)), rules);

// ---- What can be said before the server is asked

export type Wrong = "number" | "duration" | "key" | "twice" | "together";

const isNumber = (typed: string) => /^[1-9]\d*$/.test(typed.trim());
const isDuration = (typed: string) => /^(\d+(ms|d|h|m|s))+$/.test(typed.trim());
const MANY_MAX = 5;
export const canAddKey = (draft: LimitsDraft): boolean => draft.perKey.length + (draft.atOnce === null ? 0 : 1) < MANY_MAX;

/** By the path that the server has for the field. */
export function wrongIn(draft: LimitsDraft): Record<string, Wrong> {
  const wrong: Record<string, Wrong> = {};
  const check = (path: string, right: boolean, what: Wrong) => {
    if (!right) wrong[path] ??= what;
  };
  const pace = (name: string, one: PaceDraft | null) => {
    if (one === null) return;
    check(`${name}.limit`, isNumber(one.limit), "number");
    check(`${name}.period`, isDuration(one.period), "duration");
    check(`${name}.burst`, one.burst.trim() === "" || isNumber(one.burst), "number");
  };
  if (draft.atOnce !== null) check(pathOfRow(draft, "all", "limit"), isNumber(draft.atOnce), "number");
  draft.perKey.forEach((row, index) => {
    check(pathOfRow(draft, index, "limit"), isNumber(row.limit), "number");
    check(pathOfRow(draft, index, "key"), row.key.trim() !== "", "key");
    check(pathOfRow(draft, index, "key"), !draft.perKey.slice(0, index).some((other) => other.key.trim() === row.key.trim()), "twice");
  });
  pace("throttle", draft.throttle);
  pace("rate_limit", draft.rate);
  const { debounce, batch, priority, fairness, queue } = draft;
  if (debounce !== null) {
    check("debounce.period", isDuration(debounce.period), "duration");
    check("debounce.max_wait", debounce.maxWait.trim() === "" || isDuration(debounce.maxWait), "duration");
    check("debounce", batch === null, "together");
  }
  if (batch !== null) {
    check("batch.size", isNumber(batch.size), "number");
    check("batch.timeout", isDuration(batch.timeout), "duration");
  }
  if (priority !== null) check("priority", priority.how === "fixed" ? isNumber(priority.fixed) : priority.expression.trim() !== "", priority.how === "fixed" ? "number" : "key");
  if (fairness !== null) {
    check("fairness.key", fairness.key.trim() !== "", "key");
    check("fairness.weights", fairness.weights.every((one) => isNumber(one.weight)), "number");
    check("fairness.weights", new Set(fairness.weights.map((one) => one.key)).size === fairness.weights.length, "twice");
  }
  if (queue !== null) {
    check("queue.max", queue.max.trim() === "" || isNumber(queue.max), "number");
    check("queue.max_per_key", queue.perKey.trim() === "" || isNumber(queue.perKey), "number");
  }
  return wrong;
}

/** Where a row stands among the rules of concurrency, as they are sent. */
export function pathOfRow(draft: LimitsDraft, row: "all" | number, member: "limit" | "key"): string {
  const index = row === "all" ? 0 : row + (draft.atOnce === null ? 0 : 1);
  return `concurrency[${index}].${member}`;
}

/** "concurrency[0].limit must be a whole number": which field the server means, and what it says of it. */
export function placeOf(detail: string): { path: string; message: string } | null {
  const found = /^([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+)?) (.+)$/s.exec(detail);
  const [, path = "", message = ""] = found ?? [];
  return found === null || !MEMBERS.has(path.replace(/[[.].*$/, "")) ? null : { path, message };
}

const MEMBERS = new Set(["concurrency", "throttle", "rate_limit", "debounce", "singleton", "batch", "priority", "fairness", "queue", "weight"]);
