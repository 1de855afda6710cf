import type { CalendarTime, Exclusion, TimeEntry } from "../../api/schedules";
import { t } from "../../messages";
import { cronSentence, join, ordinal } from "./cron_text";

const SHOWN_MAX = 3;
const WORKDAYS = "MON,TUE,WED,THU,FRI";
const WEEKEND = "SAT,SUN";
const ORDER = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/** When a schedule starts something, as a sentence. */
export function whenText(times: TimeEntry[]): string {
  const texts = times.map(entryText);
  return texts.map((text, index) => (index === 0 ? text : lowerFirst(text))).join("; ");
}

function entryText(entry: TimeEntry): string {
  const w = t.schedules.when;
  if ("cron" in entry) return cronSentence(entry.cron) ?? w.cron(entry.cron);
  if ("every" in entry) return entry.offset === undefined || isZero(entry.offset) ? w.every(durationText(entry.every)) : w.everyOffset(durationText(entry.every), durationText(entry.offset));
  if ("after" in entry) return w.after(durationText(entry.after));
  if ("on" in entry) return w.on(entry.on.join(", "));
  const { calendar } = entry;
  const at = listOf(calendar.at);
  const clock = w.at(shortened(at.length === 0 ? [w.midnight] : at));
  return upperFirst([dayText(calendar), clock].filter((part) => part !== "").join(" "));
}

function dayText(calendar: CalendarTime): string {
  const w = t.schedules.when;
  const dates = listOf(calendar.dates);
  if (dates.length > 0) return w.onDates(shortened(dates));
  const weekdays = listOf(calendar.weekdays);
  const days = listOf(calendar.days);
  const months = listOf(calendar.months);
  const years = listOf(calendar.years);
  const parts = [
    days.length === 0 ? "" : w.dayOfMonth(shortened(days.map(monthDayText))),
    weekdays.length === 0 ? "" : w.onDay(weekdaysText(weekdays)),
    months.length === 0 ? "" : w.inMonths(shortened(months.map((month) => w.months[month - 1] ?? String(month)))),
    years.length === 0 ? "" : w.inYears(shortened(years.map(String))),
  ].filter((part) => part !== "");
  return parts.length === 0 ? w.everyDay : parts.join(" ");
}

export function exclusionText(exclusion: Exclusion): string {
  if ("date" in exclusion) return exclusion.date;
  if ("from" in exclusion) return `${exclusion.from} – ${exclusion.to}`;
  if ("cron" in exclusion) return cronSentence(exclusion.cron) ?? t.schedules.when.cron(exclusion.cron);
  return upperFirst(dayText(exclusion.calendar).replace(/^on /, ""));
}

function weekdaysText(weekdays: string[]): string {
  const w = t.schedules.when;
  const sorted = [...weekdays].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  if (sorted.join(",") === WORKDAYS) return w.weekdays;
  if (sorted.join(",") === WEEKEND) return w.weekends;
  return join(sorted.map((day) => w.days[(ORDER.indexOf(day) + 1) % 7] ?? day));
}

function monthDayText(day: number): string {
  if (day === -1) return t.schedules.when.last;
  return day < 0 ? t.schedules.when.lastMinus(-day - 1) : ordinal(day);
}

function shortened(items: string[]): string {
  if (items.length <= SHOWN_MAX + 1) return join(items);
  return join([...items.slice(0, SHOWN_MAX), t.schedules.when.more(items.length - SHOWN_MAX)]);
}

const UNIT_NAMES: Record<string, string> = { d: "day", h: "hour", m: "minute", s: "second", ms: "millisecond", us: "microsecond" };

/** "1h30m" as "1 hour 30 minutes", "1h" as "hour". */
export function durationText(text: string): string {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|us|m|s)/g)];
  if (parts.length === 0) return text;
  if (parts.length === 1 && parts[0]?.[1] === "1") return UNIT_NAMES[parts[0][2] ?? ""] ?? text;
  return parts.map(([, amount, unit]) => `${amount ?? ""} ${UNIT_NAMES[unit ?? ""] ?? ""}${amount === "1" ? "" : "s"}`).join(" ");
}

const isZero = (duration: string) => /^0[a-z]*$/.test(duration);
export function listOf<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
