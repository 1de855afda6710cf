/** Times and durations as people say them; the exact value belongs in the title. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function humanDuration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${trim((ms / SECOND).toFixed(2))} s`;
  if (ms < MINUTE) return `${trim((ms / SECOND).toFixed(1))} s`;
  if (ms < HOUR) return two(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return two(ms, HOUR, "h", MINUTE, "min");
  return two(ms, DAY, "d", HOUR, "h");
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function two(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  let bigs = Math.floor(ms / big);
  let smalls = Math.round((ms - bigs * big) / small);
  if (smalls * small >= big) {
    bigs += 1;
    smalls = 0;
  }
  return smalls === 0 ? `${bigs} ${bigUnit}` : `${bigs} ${bigUnit} ${smalls} ${smallUnit}`;
}

export function exactDuration(ms: number): string {
  return `${ms.toLocaleString("en", { maximumFractionDigits: 3 })} ms`;
}

/** "12 s ago", "in 3 min"; a day and more as a date, since nobody counts in hours then. */
export function relativeTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  const delta = now - at;
  const size = Math.abs(delta);
  if (size < 5 * SECOND) return "just now";
  const words = relativeWords(size);
  if (words === null) return shortDate(at, now);
  return delta >= 0 ? `${words} ago` : `in ${words}`;
}

function relativeWords(size: number): string | null {
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < DAY) return `${Math.floor(size / HOUR)} h`;
  if (size < 7 * DAY) return `${Math.floor(size / DAY)} d`;
  return null;
}

function shortDate(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
}

/** Local time to the millisecond with its zone, and the same in UTC. */
export function exactTime(iso: string): string {
  const date = new Date(iso);
  const local = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  }).format(date);
  return `${local} · ${iso}`;
}

/** "03:00:00" of today; else "26 Nov, 03:00:00", with the year where it is another. */
export function shortTime(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
  return at.toDateString() === new Date(now).toDateString() ? clock : `${shortDate(at.getTime(), now)}, ${clock}`;
}

/** "Thu, 26 Nov, 03:00:00 CET": a time that is still to come. */
export function dayAndTime(iso: string): string {
  const sameYear = new Date(iso).getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(new Date(iso));
}

export function clockTime(iso: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).format(new Date(iso));
}
