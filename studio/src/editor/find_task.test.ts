import { expect, it } from "vitest";
import { outlineOf } from "../document/test_outline";
import { searchTasks, taskAtLine } from "./find_task";

const source = `do:
  - loop:
      for:
        each: item
      do:
        - inner:
            set: {}

      while: .x
  - last:
      wait: PT1S
output:
  as: .`;
const lines = source.split("\n");
const outline = outlineOf([
  { name: "loop", kind: "for", line: 2, column: 5, children: [{ name: "inner", line: 6, column: 11, detail: "the middle" }] },
  { name: "last", line: 10, column: 5, detail: "1 second" },
]);
const at = (line: number) => taskAtLine(outline, line, lines[line - 1] ?? "")?.name;

it.each([
  [1, undefined],
  [2, "loop"],
  [4, "loop"],
  [6, "inner"],
  [7, "inner"],
  [8, "inner"],
  [9, "loop"],
  [10, "last"],
  [11, "last"],
  [12, undefined],
])("line %i belongs to %s", (line, name) => {
  expect(at(line)).toBe(name);
});

it("finds tasks by name and by content, names first", () => {
  const names = (typed: string) => searchTasks(outline, typed).map((task) => task.name);
  expect(names("")).toEqual(["loop", "inner", "last"]);
  expect(names("l")).toEqual(["loop", "last", "inner"]);
  expect(names("midd")).toEqual(["inner"]);
  expect(names("for lo")).toEqual(["loop"]);
  expect(names("zzz")).toEqual([]);
});
