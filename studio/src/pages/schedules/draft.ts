import type { CalendarTime, CatchUp, Exclusion, Overlap, Schedule, ScheduleDraft, TimeEntry } from "../../api/schedules";
import { listOf } from "./when_text";

/** One time as a form has it; `raw` is what the form has no fields for, and is kept as it is. */
export type TimeForm =
  | { kind: "weekly"; days: string[]; at: string }
  | { kind: "monthly"; days: string; months: string; at: string }
  | { kind: "interval"; amount: string; unit: string; offset?: string }
  | { kind: "dates"; dates: string; at: string }
  | { kind: "cron"; cron: string }
  | { kind: "raw"; entry: TimeEntry };
export type TimeKind = Exclude<TimeForm["kind"], "raw">;

/** What a person has typed so far. */
export interface ScheduleForm {
  id: string;
  workflow: string;
  description: string;
  times: TimeForm[];
  zone: string;
  weekendsOff: boolean;
  daysOff: { from: string; to: string }[];
  /** Exclusions that the form has no fields for. */
  otherOff: Exclusion[];
  overlap: Overlap;
  catchUp: CatchUp;
  window: string;
  jitter: string;
  startAt: string;
  endAt: string;
  pauseOnFailure: boolean;
  input: string;
}

export const WEEKDAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

export const FRESH_TIMES: Record<TimeKind, TimeForm> = {
  weekly: { kind: "weekly", days: WEEKDAYS.slice(0, 5), at: "09:00" },
  monthly: { kind: "monthly", days: "1", months: "", at: "09:00" },
  interval: { kind: "interval", amount: "15", unit: "m" },
  dates: { kind: "dates", dates: "", at: "09:00" },
  cron: { kind: "cron", cron: "30 9 * * MON-FRI" },
};

export function freshForm(zone: string, workflow = ""): ScheduleForm {
  return {
    id: "",
    workflow,
    description: "",
    times: [FRESH_TIMES.weekly],
    zone,
    weekendsOff: false,
    daysOff: [],
    otherOff: [],
    overlap: "skip",
    catchUp: "one",
    window: "",
    jitter: "",
    startAt: "",
    endAt: "",
    pauseOnFailure: false,
    input: "",
  };
}

export function formOf(schedule: Schedule): ScheduleForm {
  const daysOff: ScheduleForm["daysOff"] = [];
  const otherOff: Exclusion[] = [];
  let weekendsOff = false;
  for (const one of schedule.exclude) {
    if ("date" in one) daysOff.push({ from: one.date, to: "" });
    else if ("from" in one) daysOff.push({ from: one.from, to: one.to });
    else if ("calendar" in one && isWeekend(one.calendar)) weekendsOff = true;
    else otherOff.push(one);
  }
  return {
    id: schedule.id,
    workflow: `${schedule.namespace}.${schedule.workflow}`,
    description: schedule.description,
    times: schedule.times.map(timeFormOf),
    zone: schedule.timezone,
    weekendsOff,
    daysOff,
    otherOff,
    overlap: schedule.overlap,
    catchUp: schedule.catch_up,
    window: schedule.catch_up_window ?? "",
    jitter: schedule.jitter ?? "",
    startAt: localInput(schedule.start_at),
    endAt: localInput(schedule.end_at),
    pauseOnFailure: schedule.pause_on_failure,
    input: schedule.input === undefined || schedule.input === null ? "" : JSON.stringify(schedule.input, null, 2),
  };
}

function isWeekend(calendar: CalendarTime): boolean {
  return Object.keys(calendar).length === 1 && [...listOf(calendar.weekdays)].sort().join() === "SAT,SUN";
}

function timeFormOf(entry: TimeEntry): TimeForm {
  if ("cron" in entry) return { kind: "cron", cron: entry.cron };
  if ("every" in entry) {
    const match = /^(\d+)([smhd])$/.exec(entry.every);
    if (match?.[1] !== undefined && match[2] !== undefined) return { kind: "interval", amount: match[1], unit: match[2], offset: entry.offset };
  }
  if ("calendar" in entry) {
    const keys = Object.keys(entry.calendar).filter((key) => key !== "at").sort().join();
    const at = listOf(entry.calendar.at).join(", ") || "00:00";
    if (keys === "weekdays") return { kind: "weekly", days: listOf(entry.calendar.weekdays), at };
    if (keys === "") return { kind: "weekly", days: WEEKDAYS, at };
    if (keys === "days" || keys === "days,months") return { kind: "monthly", days: listOf(entry.calendar.days).join(", "), months: listOf(entry.calendar.months).join(", "), at };
    if (keys === "dates") return { kind: "dates", dates: listOf(entry.calendar.dates).join(", "), at };
  }
  return { kind: "raw", entry };
}

// ---- Back ----

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
export const DURATION = /^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;
const ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const items = (text: string) => text.split(/[\s,;]+/).filter((item) => item !== "");
const allFit = (list: string[], pattern: RegExp) => list.length > 0 && list.every((item) => pattern.test(item));
const numbersIn = (text: string, low: number, high: number): number[] | null => {
  const numbers = items(text).map(Number);
  return numbers.every((n) => Number.isInteger(n) && n !== 0 && n >= low && n <= high) ? numbers : null;
};

export const validId = (id: string) => id === "" || ID.test(id);
export const validDuration = (text: string) => text === "" || DURATION.test(text);
export const validClockTimes = (text: string) => allFit(items(text), CLOCK);
export const validMonthDays = (text: string) => (numbersIn(text, -31, 31)?.length ?? 0) > 0;
export const validMonths = (text: string) => numbersIn(text, 1, 12) !== null;
export const validDates = (text: string) => allFit(items(text), DATE);

/** Null while it is not complete. */
export function entryOf(time: TimeForm): TimeEntry | null {
  switch (time.kind) {
    case "raw":
      return time.entry;
    case "cron":
      return time.cron.trim() === "" ? null : { cron: time.cron.trim() };
    case "interval":
      return /^[1-9]\d*$/.test(time.amount) ? { every: `${time.amount}${time.unit}`, ...(time.offset === undefined ? {} : { offset: time.offset }) } : null;
    case "weekly": {
      if (time.days.length === 0 || !validClockTimes(time.at)) return null;
      const weekdays = WEEKDAYS.filter((day) => time.days.includes(day));
      return { calendar: { ...(weekdays.length === 7 ? {} : { weekdays }), at: items(time.at) } };
    }
    case "monthly": {
      if (!validMonthDays(time.days) || !validMonths(time.months) || !validClockTimes(time.at)) return null;
      const months = numbersIn(time.months, 1, 12) ?? [];
      return { calendar: { days: numbersIn(time.days, -31, 31) ?? [], ...(months.length === 0 ? {} : { months }), at: items(time.at) } };
    }
    case "dates":
      return validDates(time.dates) && validClockTimes(time.at) ? { calendar: { dates: items(time.dates), at: items(time.at) } } : null;
  }
}

function exclusionsOf(form: ScheduleForm): Exclusion[] {
  const days = form.daysOff.filter((one) => one.from !== "").map((one): Exclusion => (one.to === "" || one.to === one.from ? { date: one.from } : one));
  return [...days, ...(form.weekendsOff ? [{ calendar: { weekdays: ["SAT", "SUN"] } }] : []), ...form.otherOff];
}

/** When it starts something; null while a time is not complete. */
export function whenOf(form: ScheduleForm): ScheduleDraft | null {
  const times = form.times.map(entryOf);
  if (times.length === 0 || times.some((one) => one === null) || !validDuration(form.jitter)) return null;
  return { times: times as TimeEntry[], ...rulesOfTime(form) };
}

function rulesOfTime(form: ScheduleForm): ScheduleDraft {
  return {
    timezone: form.zone,
    exclude: exclusionsOf(form),
    jitter: form.jitter === "" ? null : form.jitter,
    start_at: instantOf(form.startAt),
    end_at: instantOf(form.endAt),
  };
}

/** What is sent; null while something is not complete. A document's schedule has no times, workflow and input of its own. */
export function draftOf(form: ScheduleForm, ofDocument: boolean): ScheduleDraft | null {
  const policy: ScheduleDraft = {
    description: form.description.trim(),
    overlap: form.overlap,
    catch_up: form.catchUp,
    catch_up_window: form.window === "" ? null : form.window,
    pause_on_failure: form.pauseOnFailure,
  };
  if (!validDuration(form.window) || !validDuration(form.jitter)) return null;
  if (ofDocument) return { ...rulesOfTime(form), ...policy };
  const when = whenOf(form);
  if (when === null || form.workflow === "" || !validId(form.id)) return null;
  const input = inputOf(form.input);
  if (input === undefined) return null;
  return { ...(form.id === "" ? {} : { id: form.id }), workflow: form.workflow, input, ...when, ...policy };
}

/** undefined: it is not JSON. */
export function inputOf(text: string): ScheduleDraft["input"] {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as ScheduleDraft["input"];
  } catch {
    return undefined;
  }
}

/** The value of a field for local date and time. */
function localInput(iso: string | null): string {
  if (iso === null) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(local: string): string | null {
  const time = Date.parse(local);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
