import { describe, expect, it } from "vitest";
import { humanDuration, relativeTime, shortTime } from "./time";

describe("humanDuration", () => {
  it.each([
    [0.2, "<1 ms"],
    [12, "12 ms"],
    [999, "999 ms"],
    [1000, "1 s"],
    [1234, "1.23 s"],
    [12_340, "12.3 s"],
    [60_000, "1 min"],
    [61_000, "1 min 1 s"],
    [119_700, "2 min"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [90_000_000, "1 d 1 h"],
  ])("says %d as %s", (ms, words) => {
    expect(humanDuration(ms)).toBe(words);
  });
});

describe("relativeTime", () => {
  const now = Date.parse("2026-11-20T12:00:00.000Z");
  it.each([
    ["2026-11-20T11:59:58.000Z", "just now"],
    ["2026-11-20T11:59:30.000Z", "30 s ago"],
    ["2026-11-20T12:03:00.000Z", "in 3 min"],
    ["2026-11-20T07:00:00.000Z", "5 h ago"],
    ["2026-11-18T11:00:00.000Z", "2 d ago"],
    ["2026-03-01T12:00:00.000Z", "1 Mar"],
    ["2024-03-01T12:00:00.000Z", "1 Mar 2024"],
  ])("says %s as %s", (iso, words) => {
    expect(relativeTime(iso, now)).toBe(words);
  });
});

it("names the day of a time that is not of today", () => {
  const now = new Date(2026, 10, 20, 12).getTime();
  const at = (year: number, month: number, day: number) => shortTime(new Date(year, month, day, 9, 5, 7).toISOString(), now);
  expect([at(2026, 10, 20), at(2026, 10, 19), at(2025, 2, 1)]).toEqual(["09:05:07", "19 Nov, 09:05:07", "1 Mar 2025, 09:05:07"]);
});
