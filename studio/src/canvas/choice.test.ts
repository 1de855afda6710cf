import { expect, it } from "vitest";
import { outlineOf } from "../document/test_outline";
import { extended, tasksIn, toggled } from "./choice";
import { toGraph } from "./graph";
import type { Layout } from "./layout";

it("adds to what is chosen and takes away, the last added first", () => {
  expect(toggled(["a"], "b")).toEqual(["b", "a"]);
  expect(toggled(["b", "a"], "b")).toEqual(["a"]);
  expect(extended(["b", "a"], "a")).toEqual(["a", "b"]);
});

it("takes the tasks a rectangle touches, and containers only as a whole", () => {
  const graph = toGraph(outlineOf([{ name: "a" }, { name: "loop", kind: "for", children: [{ name: "x" }] }]));
  const layout: Layout = {
    width: 0,
    height: 0,
    routes: new Map(),
    boxes: new Map([
      ["/do/0/a", { x: 0, y: 0, width: 100, height: 50 }],
      ["/do/1/loop", { x: 0, y: 100, width: 300, height: 200 }],
      ["/do/1/loop/do/0/x", { x: 20, y: 60, width: 100, height: 50 }],
    ]),
  };
  const found = (x: number, y: number, width: number, height: number) => tasksIn(graph, layout, { x, y, width, height });
  expect(found(90, 40, 40, 140)).toEqual(["/do/0/a", "/do/1/loop/do/0/x"]);
  expect(found(-10, -10, 400, 400)).toEqual(["/do/0/a", "/do/1/loop", "/do/1/loop/do/0/x"]);
  expect(found(400, 400, 10, 10)).toEqual([]);
});
