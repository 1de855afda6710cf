import { expect, it } from "vitest";
import { lineChanges } from "./line_changes";

it("changes only the lines that differ", () => {
  expect(lineChanges("a:  1\nb: 2\nc:3\n", "a: 1\nb: 2\nc: 3\n")).toEqual([
    { from: 3, to: 4, insert: "" },
    { from: 13, to: 13, insert: " " },
  ]);
});

it("is one stretch when lines come or go, and nothing when nothing differs", () => {
  expect(lineChanges("a\n\n\nb", "a\nb")).toEqual([{ from: 2, to: 4, insert: "" }]);
  expect(lineChanges("a\nb", "a\nb")).toEqual([]);
});
