import { expect, it } from "vitest";
import { middleOf, roundedPath } from "./path";

it("draws a straight line as it is", () => {
  expect(roundedPath([{ x: 0, y: 0 }, { x: 0, y: 40 }], 8)).toBe("M0 0L0 40");
});

it("rounds a corner by the radius", () => {
  const corner = [{ x: 0, y: 0 }, { x: 0, y: 40 }, { x: 40, y: 40 }];
  expect(roundedPath(corner, 8)).toBe("M0 0L0 32Q0 40 8 40L40 40");
});

it("takes no more than half of a short leg", () => {
  const corner = [{ x: 0, y: 0 }, { x: 0, y: 4 }, { x: 40, y: 4 }];
  expect(roundedPath(corner, 8)).toBe("M0 0L0 2Q0 4 2 4L40 4");
});

it("survives an empty route", () => {
  expect(roundedPath([], 8)).toBe("");
});

it("finds the middle of a route by its length", () => {
  expect(middleOf([{ x: 0, y: 0 }, { x: 0, y: 40 }])).toEqual({ x: 0, y: 20 });
  expect(middleOf([{ x: 0, y: 0 }, { x: 0, y: 10 }, { x: 90, y: 10 }])).toEqual({ x: 40, y: 10 });
  expect(middleOf([])).toBeNull();
});
