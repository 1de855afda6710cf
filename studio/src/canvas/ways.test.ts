import { expect, it } from "vitest";
import { indexOf } from "../document/outline_index";
import { outlineOf } from "../document/test_outline";
import { wayItems } from "./ways";

const outline = outlineOf([{ name: "a", then: "c" }, { name: "s", kind: "switch", cases: [{ name: "big", when: ".n", then: "a" }] }, { name: "c" }]);
const items = (ref: string) => {
  const entry = indexOf(outline).byRef.get(ref);
  return entry === undefined ? [] : wayItems(entry);
};

it("offers the other tasks of the list and the three words", () => {
  expect(items("/do/0/a").map((one) => one.target)).toEqual(["s", "c", "continue", "exit", "end"]);
  expect(items("/do/0/a").every((one) => one.way.case === undefined)).toBe(true);
});

it("offers the ways of each case of a switch before its own", () => {
  expect(items("/do/1/s").map((one) => [one.way.case, one.target])).toEqual([
    ...["a", "c", "continue", "exit", "end"].map((target) => [0, target]),
    ...["a", "c", "continue", "exit", "end"].map((target) => [undefined, target]),
  ]);
});
