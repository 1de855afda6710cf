import { expect, it } from "vitest";
import { firstView } from "./first_view";

const pane = { width: 800, height: 600 };

it("shows a small graph whole, in the middle and not enlarged", () => {
  expect(firstView({ width: 200, height: 300 }, pane, null)).toEqual({ x: 300, y: 150, zoom: 1 });
});

it("begins at the start of a tall graph rather than making it too small to read", () => {
  const view = firstView({ width: 200, height: 5000 }, pane, null);
  expect(view.zoom).toBe(0.62);
  expect(view.y).toBe(28);
});

it("shows the task in focus, and no empty pane below the end", () => {
  const graph = { width: 200, height: 5000 };
  const middle = firstView(graph, pane, { x: 0, y: 2500 });
  expect(middle.y + (2500 + 28) * middle.zoom).toBeCloseTo(300);
  const last = firstView(graph, pane, { x: 0, y: 4950 });
  expect(last.y + 5000 * last.zoom).toBeCloseTo(600 - 28);
});
