import { expect, test } from "vitest";
import type { Schedule } from "../../api/schedules";
import { addDays, hoursShown, mondayOf, weekOf } from "./week";

const monday = mondayOf(new Date(2026, 10, 26));
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, 23 + day, hour, minute).toISOString();
const of = (id: string, times: string[]) => ({ id, upcoming: times.map((time) => ({ at: time, starts_at: time, local: "" })) }) as unknown as Schedule;

test("the week begins on Monday, at midnight of the viewer", () => {
  expect([monday.getDay(), monday.getDate(), monday.getHours()]).toEqual([1, 23, 0]);
  expect(mondayOf(new Date(2026, 10, 29)).getDate()).toBe(23);
  expect(addDays(monday, 7).getDate()).toBe(30);
});

test("starts stand in their day and hour, in order", () => {
  const days = weekOf([of("b", [at(2, 9, 30)]), of("a", [at(2, 9, 10), at(6, 23)])], monday, 100);
  expect(days[2]?.hours[9]?.map((start) => start.schedule.id)).toEqual(["a", "b"]);
  expect(days[6]?.hours[23]?.length).toBe(1);
  expect(hoursShown(days)).toEqual([9, 23]);
  expect(hoursShown(weekOf([], monday, 100))).toBeNull();
});

test("what starts often is said once a day", () => {
  const often = of("often", Array.from({ length: 24 }, (_, hour) => at(1, hour)));
  const days = weekOf([often], monday, 100);
  expect(days[1]?.frequent).toEqual([{ schedule: often, count: 24, more: false }]);
  expect(days[1]?.hours.flat()).toEqual([]);
  expect(days[2]?.frequent).toEqual([]);
});

test("behind where the server stops telling, the days are as full", () => {
  const often = of("often", Array.from({ length: 30 }, (_, index) => at(index < 24 ? 1 : 2, index % 24)));
  const days = weekOf([often], monday, 30);
  expect(days.map((day) => day.frequent.map(({ count, more }) => [count, more]))).toEqual([[], [[24, false]], [[24, true]], [[24, true]], [[24, true]], [[24, true]], [[24, true]]]);
});
