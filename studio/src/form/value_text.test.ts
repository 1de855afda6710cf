import { expect, it } from "vitest";
import { lineOf, valueOf } from "./value_text";

it.each([
  ["plain words", "plain words"],
  ["${ .total + 1 }", "${ .total + 1 }"],
  ["${ .a | {b: 1} }", '"${ .a | {b: 1} }"'],
  ["12", '"12"'],
  ["true", '"true"'],
  ["", ""],
  ["a\nb", '"a\\nb"'],
  [12, "12"],
  [true, "true"],
  [null, "null"],
  [{ a: 1, b: ["x"] }, "{ a: 1, b: [ x ] }"],
])("writes %j as %s and reads it back", (value, line) => {
  expect(lineOf(value)).toBe(line);
  expect(valueOf(line)).toEqual(value);
});

it("takes what is no YAML for the text it is", () => {
  expect(valueOf("[1, 2")).toBe("[1, 2");
  expect(valueOf("a: b: c")).toBe("a: b: c");
});
