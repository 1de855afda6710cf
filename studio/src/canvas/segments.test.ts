import { expect, it } from "vitest";
import { segmentOf, segmentsOf } from "./segments";

const pairs = (...spans: [number, number][]) => segmentsOf(5, spans).map(({ from, to }) => `${from}-${to}`);

it("makes a segment of each step of a chain", () => {
  expect(pairs([0, 1], [1, 2], [2, 3], [3, 4])).toEqual(["0-1", "1-2", "2-3", "3-4"]);
});

it("keeps together what ways lead around, forward or back", () => {
  expect(pairs([0, 1], [1, 2], [1, 3], [2, 3], [3, 4])).toEqual(["0-1", "1-3", "3-4"]);
  expect(pairs([0, 1], [1, 2], [2, 3], [3, 1], [3, 4])).toEqual(["0-1", "1-3", "3-4"]);
  expect(pairs([0, 2], [1, 3], [2, 4])).toEqual(["0-4"]);
});

it("knows lists of one node, and nodes that nothing leads to", () => {
  expect(segmentsOf(1, [])).toEqual([{ from: 0, to: 0 }]);
  expect(segmentsOf(0, [])).toEqual([]);
  expect(pairs([0, 1])).toEqual(["0-1", "1-2", "2-3", "3-4"]);
});

it("finds the segment of an edge, also of one from a node to itself", () => {
  const segments = segmentsOf(4, [[1, 3]]);
  expect(segments).toEqual([{ from: 0, to: 1 }, { from: 1, to: 3 }]);
  expect([segmentOf(segments, [0, 1]), segmentOf(segments, [3, 1]), segmentOf(segments, [3, 3])]).toEqual([0, 1, 1]);
});
