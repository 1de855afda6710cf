import { expect, test } from "vitest";
import type { Schedule, TimeEntry } from "../../api/schedules";
import { draftOf, entryOf, formOf, freshForm, FRESH_TIMES, whenOf } from "./draft";

const schedule: Schedule = {
  id: "nightly",
  origin: "object",
  kind: "times",
  namespace: "shop",
  workflow: "report",
  version: null,
  has_input: true,
  description: "The report",
  timezone: "Europe/Berlin",
  times: [
    { cron: "30 2 * * *" },
    { every: "15m", offset: "5m" },
    { every: "1h30m" },
    { calendar: { weekdays: ["FRI", "MON"], at: ["09:00", "17:30"] } },
    { calendar: { at: "06:00" } },
    { calendar: { days: [1, -1], months: 12, at: "18:00" } },
    { calendar: { dates: ["2026-12-24"], at: "08:00" } },
    { calendar: { years: [2030], days: 1 } },
  ],
  exclude: [{ date: "2026-12-25" }, { from: "2026-12-24", to: "2027-01-01" }, { calendar: { weekdays: ["SAT", "SUN"] } }, { cron: "* 22 * * *" }],
  jitter: "30s",
  start_at: "2026-01-01T00:00:00.000Z",
  end_at: null,
  overlap: "buffer_one",
  catch_up: "all",
  catch_up_window: "1h",
  pause_on_failure: true,
  paused: false,
  note: "",
  next_at: null,
  upcoming: [],
  running: [],
  backfills: [],
  collected: null,
  created_at: null,
  updated_at: null,
  input: { n: 1 },
};

test("a schedule goes through the form and means the same", () => {
  const draft = draftOf(formOf(schedule), false);
  expect(draft).toMatchObject({
    id: "nightly",
    workflow: "shop.report",
    description: "The report",
    timezone: "Europe/Berlin",
    jitter: "30s",
    start_at: "2026-01-01T00:00:00.000Z",
    end_at: null,
    overlap: "buffer_one",
    catch_up: "all",
    catch_up_window: "1h",
    pause_on_failure: true,
    input: { n: 1 },
  });
  const expected: TimeEntry[] = [
    { cron: "30 2 * * *" },
    { every: "15m", offset: "5m" },
    { every: "1h30m" },
    { calendar: { weekdays: ["MON", "FRI"], at: ["09:00", "17:30"] } },
    { calendar: { at: ["06:00"] } },
    { calendar: { days: [1, -1], months: [12], at: ["18:00"] } },
    { calendar: { dates: ["2026-12-24"], at: ["08:00"] } },
    { calendar: { years: [2030], days: 1 } },
  ];
  expect(draft?.times).toEqual(expected);
  expect(draft?.exclude).toEqual([{ date: "2026-12-25" }, { from: "2026-12-24", to: "2027-01-01" }, { calendar: { weekdays: ["SAT", "SUN"] } }, { cron: "* 22 * * *" }]);
});

test("a document's schedule has no times of its own to send", () => {
  const draft = draftOf(formOf(schedule), true);
  expect(draft).not.toHaveProperty("times");
  expect(draft).not.toHaveProperty("workflow");
  expect(draft).toMatchObject({ timezone: "Europe/Berlin", overlap: "buffer_one" });
});

test("what is not complete is not sent", () => {
  const form = { ...freshForm("UTC"), workflow: "shop.report" };
  expect(draftOf(form, false)).not.toBeNull();
  expect(draftOf({ ...form, workflow: "" }, false)).toBeNull();
  expect(draftOf({ ...form, id: "No.Dots" }, false)).toBeNull();
  expect(draftOf({ ...form, input: "{" }, false)).toBeNull();
  expect(draftOf({ ...form, window: "soon" }, false)).toBeNull();
  expect(whenOf({ ...form, times: [] })).toBeNull();
  expect(whenOf({ ...form, times: [{ kind: "weekly", days: [], at: "09:00" }] })).toBeNull();
});

test.each([
  [{ ...FRESH_TIMES.weekly, at: "9:00" }],
  [{ ...FRESH_TIMES.monthly, days: "32" }],
  [{ ...FRESH_TIMES.monthly, days: "0" }],
  [{ ...FRESH_TIMES.monthly, months: "13" }],
  [{ ...FRESH_TIMES.interval, amount: "0" }],
  [{ ...FRESH_TIMES.dates, dates: "24.12.2026" }],
  [{ ...FRESH_TIMES.cron, cron: " " }],
])("%j is not a time yet", (time) => {
  expect(entryOf(time as Parameters<typeof entryOf>[0])).toBeNull();
});
