import { expect, it } from "vitest";
import { minimalChange } from "./minimal_change";

it.each([
  ["version: 1.0.0\nx", "version: 1.0.1\nx", { from: 13, to: 14, insert: "1" }],
  ["aa", "aaa", { from: 2, to: 2, insert: "a" }],
  ["aaa", "a", { from: 1, to: 3, insert: "" }],
  ["", "new", { from: 0, to: 0, insert: "new" }],
  ["same", "same", { from: 4, to: 4, insert: "" }],
])("changes %j into %j in one stretch", (before, after, change) => {
  expect(minimalChange(before, after)).toEqual(change);
  expect(before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(after);
});
