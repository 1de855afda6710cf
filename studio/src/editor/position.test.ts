import { Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { changeSpec, offsetOf, positionOf } from "./position";

const doc = Text.of(["a: 1", "b: 😀 x", "c: é"]);

it.each([
  [{ line: 1, column: 1 }, 0],
  [{ line: 2, column: 4 }, 8],
  [{ line: 2, column: 5 }, 10],
  [{ line: 3, column: 5 }, 17],
])("finds %j at %i, a code point being one column", (position, offset) => {
  expect(offsetOf(doc, position)).toBe(offset);
  expect(positionOf(doc, offset)).toEqual(position);
});

it("stays inside a text that has become shorter", () => {
  expect(offsetOf(doc, { line: 99, column: 99 })).toBe(doc.length);
  expect(offsetOf(doc, { line: 0, column: 0 })).toBe(0);
});

it("turns a change of the server into one of the editor", () => {
  expect(changeSpec(doc, { from: { line: 2, column: 5 }, to: { line: 2, column: 7 }, insert: "!" })).toEqual({ from: 10, to: 12, insert: "!" });
});
