import type { DueTime, Schedule } from "../../api/schedules";

/** More starts than this on one day are a habit, not appointments. */
export const FREQUENT_PER_DAY = 12;
const HOURS = 24;

export interface Start {
  schedule: Schedule;
  time: DueTime;
}
export interface Frequent {
  schedule: Schedule;
  count: number;
  /** There are more than were told. */
  more: boolean;
}
export interface Day {
  date: Date;
  /** By hour of the viewer's clock. */
  hours: Start[][];
  frequent: Frequent[];
}

/** Midnight of the Monday before, on the viewer's clock. */
export function mondayOf(now: Date): Date {
  const monday = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  return monday;
}

export function addDays(date: Date, days: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}

/** The starts of seven days, from `monday` on. `told`: how many times of one schedule the server tells at most. */
export function weekOf(schedules: Schedule[], monday: Date, told: number): Day[] {
  const days = Array.from({ length: 7 }, (_, index): Day => ({ date: addDays(monday, index), hours: Array.from({ length: HOURS }, () => []), frequent: [] }));
  for (const schedule of schedules) place(schedule, days, told);
  for (const day of days) for (const hour of day.hours) hour.sort((a, b) => a.time.starts_at.localeCompare(b.time.starts_at));
  return days;
}

function place(schedule: Schedule, days: Day[], told: number): void {
  const cut = schedule.upcoming.length >= told;
  const byDay = days.map((day) => schedule.upcoming.filter((time) => sameDay(new Date(time.starts_at), day.date)));
  const busiest = Math.max(0, ...byDay.map((times) => times.length));
  const last = byDay.findLastIndex((times) => times.length > 0);
  byDay.forEach((times, index) => {
    const day = days[index];
    if (day === undefined) return;
    // Where the server stopped telling, the days behind are as full as the busiest.
    const unknown = cut && index >= last;
    const count = unknown ? Math.max(times.length, busiest) : times.length;
    if (count > FREQUENT_PER_DAY) day.frequent.push({ schedule, count, more: unknown });
    else for (const time of times) day.hours[new Date(time.starts_at).getHours()]?.push({ schedule, time });
  });
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

/** The hours from the first to the last at which something starts in the week; null: nothing does. */
export function hoursShown(days: Day[]): [number, number] | null {
  const busy = days.flatMap((day) => day.hours.flatMap((starts, hour) => (starts.length > 0 ? [hour] : [])));
  return busy.length === 0 ? null : [Math.min(...busy), Math.max(...busy)];
}
