import { expect, test } from "vitest";
import type { TimeEntry } from "../../api/schedules";
import { durationText, exclusionText, whenText } from "./when_text";

const cases: [TimeEntry[], string][] = [
  [[{ cron: "30 2 * * MON-FRI" }], "At 02:30 on Monday to Friday"],
  [[{ cron: "7-59/13 * * * *" }], "Cron 7-59/13 * * * *"],
  [[{ every: "15m", offset: "5m" }], "Every 15 minutes, 5 minutes later"],
  [[{ every: "1h", offset: "0s" }], "Every hour"],
  [[{ after: "10m" }], "10 minutes after the end of each run"],
  [[{ on: ["order.placed"] }], "When an event comes: order.placed"],
  [[{ calendar: { weekdays: ["FRI", "MON"], at: ["09:00"] } }], "On Monday and Friday at 09:00"],
  [[{ calendar: { weekdays: ["SAT", "SUN"] } }], "On Saturday and Sunday at midnight"],
  [[{ calendar: { days: [1, -1], months: 12, at: "18:00" } }], "On the 1st and last day of the month in December at 18:00"],
  [[{ calendar: { at: ["06:00", "18:00"] } }], "Every day at 06:00 and 18:00"],
  [[{ calendar: { dates: ["2026-12-24"], at: "08:00" } }], "On 2026-12-24 at 08:00"],
  [[{ every: "1h" }, { cron: "30 2 * * *" }], "Every hour; at 02:30"],
];

test.each(cases)("%j", (times, text) => {
  expect(whenText(times)).toBe(text);
});

test("what is left out", () => {
  expect(exclusionText({ from: "2026-12-24", to: "2027-01-01" })).toBe("2026-12-24 – 2027-01-01");
  expect(exclusionText({ calendar: { weekdays: ["SUN", "SAT"] } })).toBe("Saturday and Sunday");
  expect(exclusionText({ cron: "* 22 * * *" })).toBe("Every minute from 22:00 to 22:59");
});

test("durations", () => {
  expect(["1d", "1h30m", "90s", "5"].map(durationText)).toEqual(["day", "1 hour 30 minutes", "90 seconds", "5"]);
});
