import { t } from "../../messages";

/** A cron expression as people say it: "At 02:30 on Monday to Friday". Null where only the expression says it well. */
export function cronSentence(expression: string): string | null {
  const w = t.schedules.when;
  const fields = (MACROS[expression.trim()] ?? expression).trim().split(/\s+/);
  if (fields.length === 5) fields.unshift("0");
  const [second, minute, hour, day, month, weekday] = fields;
  if (second === undefined || minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined || fields.length > 6) return null;
  const time = timeText(second, minute, hour);
  const days = dayText(day, weekday);
  const months = listText(month, 1, MONTH_NAMES, w.months);
  if (time === null || days === null || months === null) return null;
  const parts = [time, days, months === "" ? "" : w.inMonths(months)];
  const sentence = parts.filter((part) => part !== "").join(" ");
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const MACROS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const isAny = (field: string) => field === "*" || field === "?";
const pad = (n: string) => n.padStart(2, "0");
const NUMBERS = /^\d{1,2}(,\d{1,2})*$/;

function step(field: string): number | null {
  const match = /^(?:\*|\?|0)\/(\d{1,2})$/.exec(field);
  return match === null ? null : Number(match[1]);
}

function timeText(second: string, minute: string, hour: string): string | null {
  const w = t.schedules.when;
  if (isAny(second) && isAny(minute) && isAny(hour)) return w.everySecond;
  const seconds = step(second);
  if (seconds !== null && isAny(minute) && isAny(hour)) return w.everySeconds(seconds);
  if (!/^\d{1,2}$/.test(second)) return null;
  if (NUMBERS.test(minute) && NUMBERS.test(hour)) return clockText(second, minute, hour);
  if (second !== "0") return null;
  const often = isAny(minute) ? w.everyMinute : step(minute) !== null ? w.everyMinutes(step(minute) ?? 0) : null;
  if (often !== null) return isAny(hour) ? often : withHours(often, hour);
  if (!NUMBERS.test(minute)) return null;
  const past = minute === "0" ? "" : ` ${w.minutePast(join(minute.split(",")))}`;
  if (isAny(hour)) return w.everyHour + past;
  const hours = step(hour);
  if (hours !== null) return w.everyHours(hours) + past;
  return withHours(w.everyHour + past, hour);
}

function clockText(second: string, minute: string, hour: string): string | null {
  const hours = hour.split(",");
  const minutes = minute.split(",");
  if (hours.length * minutes.length > 6) return null;
  const times = hours.flatMap((h) => minutes.map((m) => `${pad(h)}:${pad(m)}${second === "0" ? "" : `:${pad(second)}`}`));
  return t.schedules.when.at(join(times));
}

/** "every 15 minutes from 09:00 to 17:59" */
function withHours(often: string, hour: string): string | null {
  const range = /^(\d{1,2})-(\d{1,2})$/.exec(hour);
  if (range?.[1] !== undefined && range[2] !== undefined) return `${often} ${t.schedules.when.duringHours(`${pad(range[1])}:00 to ${pad(range[2])}:59`)}`;
  if (/^\d{1,2}$/.test(hour)) return `${often} ${t.schedules.when.duringHours(`${pad(hour)}:00 to ${pad(hour)}:59`)}`;
  return null;
}

function dayText(day: string, weekday: string): string | null {
  const w = t.schedules.when;
  const ofWeek = isAny(weekday) ? "" : weekdayText(weekday);
  const ofMonth = isAny(day) ? "" : monthDayText(day);
  if (ofWeek === null || ofMonth === null) return null;
  if (ofMonth === "") return ofWeek === "" ? "" : w.onDay(ofWeek);
  const on = w.dayOfMonth(ofMonth);
  return ofWeek === "" ? on : `${on}${w.or}${w.onDay(ofWeek)}`;
}

function weekdayText(field: string): string | null {
  const w = t.schedules.when;
  const upper = field.toUpperCase();
  if (upper === "MON-FRI" || upper === "1-5") return w.weekdays;
  if (["SAT,SUN", "SUN,SAT", "6,0", "0,6", "6,7"].includes(upper)) return w.weekends;
  const nth = /^([A-Z]{3}|[0-7])#([1-5])$/.exec(upper);
  if (nth?.[1] !== undefined && nth[2] !== undefined) return nameOf(nth[1], 0, DAY_NAMES, w.days, (name) => `the ${w.ordinals[nth[2] ?? ""] ?? ""} ${name} of the month`);
  const last = /^([A-Z]{3}|[0-7])L$/.exec(upper);
  if (last?.[1] !== undefined) return nameOf(last[1], 0, DAY_NAMES, w.days, (name) => `the last ${name} of the month`);
  return listText(upper, 0, DAY_NAMES, w.days);
}

function monthDayText(field: string): string | null {
  const w = t.schedules.when;
  const parts = field.toUpperCase().split(",").map((part) => {
    if (part === "L") return w.last;
    if (part === "LW") return w.lastWorkday;
    const before = /^L-(\d{1,2})$/.exec(part);
    if (before?.[1] !== undefined) return w.lastMinus(Number(before[1]));
    const near = /^(\d{1,2})W$/.exec(part);
    if (near?.[1] !== undefined) return w.nearest(ordinal(Number(near[1])));
    return /^\d{1,2}$/.test(part) ? ordinal(Number(part)) : null;
  });
  return parts.some((part) => part === null) ? null : join(parts as string[]);
}

/** Names of a list of values and ranges; "" for any. */
function listText(field: string, first: number, short: string[], names: string[]): string | null {
  if (isAny(field)) return "";
  const parts = field.toUpperCase().split(",").map((part) => {
    const [from, to, ...rest] = part.split("-");
    if (from === undefined || rest.length > 0) return null;
    const begin = nameOf(from, first, short, names);
    if (to === undefined || begin === null) return begin;
    const end = nameOf(to, first, short, names);
    return end === null ? null : `${begin} to ${end}`;
  });
  return parts.some((part) => part === null) ? null : join(parts as string[]);
}

function nameOf(value: string, first: number, short: string[], names: string[], say: (name: string) => string = (name) => name): string | null {
  const index = /^\d+$/.test(value) ? (Number(value) - first) % (names.length === 7 ? 7 : 99) : short.indexOf(value);
  const name = names[index];
  return name === undefined ? null : say(name);
}

export function ordinal(n: number): string {
  const tens = n % 100;
  const ending = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}

/** "a", "a and b", "a, b and c" */
export function join(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")}${t.schedules.when.and}${items.at(-1) ?? ""}`;
}
