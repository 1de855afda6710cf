import { describe, expect, it } from "vitest";
import type { OutlineTask } from "../api/types";
import { END, START, catchId, shapeOf, toGraph } from "./graph";

const task = (ref: string, more: Partial<OutlineTask> = {}): OutlineTask => ({
  ref,
  name: ref.split("/").at(-1) ?? ref,
  kind: "set",
  detail: "",
  line: 1,
  column: 1,
  ...more,
});
const edges = (tasks: OutlineTask[]) =>
  toGraph({ tasks }).edges.map((edge) => `${edge.source} > ${edge.target}${edge.label === undefined ? "" : ` [${edge.label}]`}`);

describe("toGraph", () => {
  it("leads from start to end when there is nothing between", () => {
    expect(edges([])).toEqual([`${START} > ${END}`]);
  });

  it("follows a list in its order", () => {
    expect(edges([task("a"), task("b")])).toEqual(["a > b", `b > ${END}`, `${START} > a`]);
  });

  it("follows `then` to a task, to the end and out of the list", () => {
    const list = [task("a", { then: "c" }), task("b", { then: "end" }), task("c", { then: "exit" })];
    expect(edges(list)).toEqual(["a > c", `b > ${END}`, `c > ${END}`, `${START} > a`]);
  });

  it("draws one edge a case, and the way on when no case is the default", () => {
    const cases = [
      { name: "big", when: ".n > 9", then: "b" },
      { name: "small", when: ".n < 2", then: "end" },
    ];
    expect(edges([task("a", { kind: "switch", cases }), task("b")])).toEqual([
      "a > b [big]",
      `a > ${END} [small]`,
      "a > b [else]",
      `b > ${END}`,
      `${START} > a`,
    ]);
    const withDefault = [...cases, { name: "other", when: null, then: "continue" }];
    expect(edges([task("a", { kind: "switch", cases: withDefault }), task("b")])).not.toContain("a > b [else]");
  });

  it("ends at a raise, unless it is conditional", () => {
    expect(edges([task("a", { kind: "raise" }), task("b")])).toEqual([`b > ${END}`, `${START} > a`]);
    expect(edges([task("a", { kind: "raise", if: ".x" }), task("b")])).toContain("a > b");
  });

  it("keeps the flow of a loop inside its container", () => {
    const graph = toGraph({ tasks: [task("loop", { kind: "for", children: [task("x"), task("y")] })] });
    expect(graph.nodes.find((node) => node.id === "x")?.parent).toBe("loop");
    expect(graph.edges.find((edge) => edge.source === "x")).toMatchObject({ target: "y", scope: "loop" });
    expect(graph.edges.some((edge) => edge.source === "y")).toBe(false);
  });

  it("draws a saga as its steps, each with what undoes it, and no place for a task between them", () => {
    const step = (name: string, undo: OutlineTask[]) =>
      task(`/do/0/s/with/steps/0/${name}`, { kind: "do", role: "step", children: [task(`/do/0/s/with/steps/0/${name}/do/0/x`)], catch: undo });
    const saga = task("/do/0/s", { kind: "call", role: "saga", children: [step("a", [task("/do/0/s/with/steps/0/a/undo/0/y")]), step("b", [])] });
    const shown = toGraph({ tasks: [saga] });
    const undo = catchId("/do/0/s/with/steps/0/a");
    expect(shown.nodes.filter((node) => node.role === "catch").map((node) => node.id)).toEqual([undo]);
    const edited = toGraph({ tasks: [saga] }, true);
    expect(edited.edges.find((edge) => edge.source.endsWith("/a") && edge.target.endsWith("/b"))?.insert).toBeUndefined();
    expect(edited.nodes.filter((node) => node.shape === "slot").map((node) => node.place?.list)).toEqual([
      "/do/0/s/with/steps/0/a/do",
      "/do/0/s/with/steps/0/a/undo",
      "/do/0/s/with/steps/0/b/do",
      "/do/0/s/with/steps/0/b/undo",
    ]);
  });

  it("splits a fork at a junction", () => {
    const graph = toGraph({ tasks: [task("f", { kind: "fork", branches: [task("x"), task("y")] })] });
    expect(graph.edges.filter((edge) => edge.scope === "f").map((edge) => edge.target)).toEqual(["x", "y"]);
  });

  it("puts the handler of a try beside its body", () => {
    const graph = toGraph({ tasks: [task("t", { kind: "try", children: [task("x")], catch: [task("h")] })] });
    expect(graph.nodes.find((node) => node.id === catchId("t"))).toMatchObject({ parent: "t", role: "catch" });
    expect(graph.nodes.find((node) => node.id === "h")?.parent).toBe(catchId("t"));
    expect(graph.edges.find((edge) => edge.target === catchId("t"))?.dashed).toBe(true);
  });

  it("drops a `then` that names nothing instead of failing", () => {
    expect(edges([task("a", { then: "nowhere" })])).toEqual([`${START} > a`]);
  });
});

describe("toGraph for an editor", () => {
  it("offers a place on each edge between neighbours, and none on a `then`", () => {
    const list = [task("/do/0/a"), task("/do/1/b", { then: "a" })];
    expect(toGraph({ tasks: list }, true).edges.map((edge) => [edge.source, edge.insert?.at, edge.then])).toEqual([
      ["/do/0/a", 1, undefined],
      ["/do/1/b", undefined, { ref: "/do/1/b" }],
      [START, 0, undefined],
    ]);
  });

  it("ends each list in a container with a slot, also a handler that is empty", () => {
    const inner = task("/do/0/t/try/0/x");
    const graph = toGraph({ tasks: [task("/do/0/t", { kind: "try", children: [inner], catch: [] })] }, true);
    expect(graph.nodes.filter((node) => node.shape === "slot").map((node) => [node.parent, node.place])).toEqual([
      ["/do/0/t", { list: "/do/0/t/try", at: 1 }],
      [catchId("/do/0/t"), { list: "/do/0/t/catch/do", at: 0 }],
    ]);
    expect(graph.edges.find((edge) => edge.source === inner.ref)).toMatchObject({ target: "/do/0/t/try#slot" });
  });

  it("says which case a way out of a switch belongs to", () => {
    const cases = [{ name: "one", when: ".x", then: "continue" }, { name: "two", when: null, then: "end" }];
    const graph = toGraph({ tasks: [task("/do/0/s", { kind: "switch", cases })] }, true);
    expect(graph.edges.map((edge) => edge.then)).toEqual([undefined, { ref: "/do/0/s", case: 1 }, undefined]);
  });
});

it("needs a new layout for a new task and none for a new detail", () => {
  const before = toGraph({ tasks: [task("a")] });
  expect(shapeOf(toGraph({ tasks: [task("a", { detail: "GET /x" })] }))).toBe(shapeOf(before));
  expect(shapeOf(toGraph({ tasks: [task("a"), task("b")] }))).not.toBe(shapeOf(before));
});
