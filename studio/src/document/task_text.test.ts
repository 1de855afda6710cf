import { describe, expect, it } from "vitest";
import { definitionOf, parseTasks, parseYaml, taskYaml } from "./task_text";

const source = `do:
  - first:
      # why
      set:
        a: 1

  # about the loop
  - loop:
      for: { each: item, in: "\${ .items }" }
      do:
        - "in/ner":
            wait: PT1S
        - { flow: { set: { b: 2 } } }
output:
  as: .
`;
const task = (ref: string, line: number, column: number) => ({ ref, name: (ref.split("/").at(-1) ?? "").replace("~1", "/"), kind: "set" as const, detail: "", line, column });
const first = task("/do/0/first", 2, 5);
const inner = task("/do/1/loop/do/0/in~1ner", 11, 11);
const flow = task("/do/1/loop/do/1/flow", 13, 13);

it("copies a task as it is written, comments and all, from the left edge", () => {
  expect(taskYaml(source, first)).toBe("- first:\n    # why\n    set:\n      a: 1\n");
  expect(taskYaml(source, inner)).toBe('- "in/ner":\n    wait: PT1S\n');
  expect(taskYaml(source, task("/do/1/loop", 8, 5))).toContain('          wait: PT1S\n      - { flow');
});

it("writes one in brackets anew", () => {
  expect(taskYaml(source, flow)).toBe("- flow:\n    set:\n      b: 2\n");
});

it("reads what stands under a name, in YAML and in JSON", () => {
  expect(definitionOf(source, first)).toEqual({ set: { a: 1 } });
  expect(definitionOf(source, inner)).toEqual({ wait: "PT1S" });
  expect(definitionOf(source, flow)).toEqual({ set: { b: 2 } });
  expect(definitionOf('{"do": [{"a": {"set": {"x": 1}}}]}', task("/do/0/a", 1, 10))).toEqual({ set: { x: 1 } });
  expect(definitionOf("do: [", first)).toBeUndefined();
});

describe("parseTasks", () => {
  it("takes a list, one task, or a bare definition", () => {
    expect(parseTasks("- a:\n    set: {}\n- b:\n    wait: PT1S\n")).toEqual([
      { name: "a", definition: { set: {} } },
      { name: "b", definition: { wait: "PT1S" } },
    ]);
    expect(parseTasks("a:\n  set: {}\n")).toEqual([{ name: "a", definition: { set: {} } }]);
    expect(parseTasks("call: http\nwith: {}\n")).toEqual([{ name: "call", definition: { call: "http", with: {} } }]);
  });

  it("takes nothing else", () => {
    for (const text of ["hello", "", "- 1\n- 2", "a: 1", "x: [", `a:\n  set: ${"x".repeat(300_000)}`]) expect(parseTasks(text)).toBeNull();
  });
});

it("says what is wrong with YAML typed into a field", () => {
  expect(parseYaml("a: [1, 2]")).toEqual({ ok: true, value: { a: [1, 2] } });
  expect(parseYaml("a: [1, 2")).toMatchObject({ ok: false });
});
