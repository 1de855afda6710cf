import { expect, it } from "vitest";
import { barOf, scaleOf, ticksOf } from "./scale";

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();

it("reaches to now while the execution runs, to its end when it has ended", () => {
  const now = 1_700_000_000_000 + 5000;
  expect(scaleOf(at(0), null, [], now)).toEqual({ from: 1_700_000_000_000, to: now });
  expect(scaleOf(at(0), at(2000), [], now).to).toBe(1_700_000_002_000);
});

it("never has no length", () => {
  const scale = scaleOf(at(0), at(0), [], 0);
  expect(scale.to - scale.from).toBe(1);
});

it.each([
  [900, 6, 200],
  [7_000, 6, 2000],
  [65_000, 6, 15_000],
  [3_600_000, 6, 600_000],
])("divides %d ms into at most %d steps of %d", (length, max, step) => {
  const ticks = ticksOf({ from: 0, to: length }, max);
  expect(ticks[1]).toBe(step);
  expect(ticks.length).toBeLessThanOrEqual(max + 1);
});

it("places a bar, and lets a running one grow to now", () => {
  const scale = { from: 0, to: 1000 };
  const iso = (ms: number) => new Date(ms).toISOString();
  expect(barOf(scale, { started_at: iso(250), finished_at: iso(500) }, 0)).toEqual({ left: 0.25, width: 0.25 });
  expect(barOf(scale, { started_at: iso(250), finished_at: null }, 1000)).toEqual({ left: 0.25, width: 0.75 });
});
