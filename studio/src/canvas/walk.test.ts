import { expect, it } from "vitest";
import type { OutlineTask } from "../api/types";
import { toGraph } from "./graph";
import type { Layout } from "./layout";
import { absolute, neighbour } from "./walk";

const task = (ref: string, children?: OutlineTask[]): OutlineTask => ({ ref, name: ref, kind: "set", detail: "", line: 1, column: 1, children });
const graph = toGraph({ tasks: [task("a"), task("loop", [task("x")])] });
const layout: Layout = {
  width: 0,
  height: 0,
  routes: new Map(),
  boxes: new Map([
    ["a", { x: 0, y: 0, width: 200, height: 50 }],
    ["loop", { x: 0, y: 100, width: 200, height: 200 }],
    ["x", { x: 10, y: 60, width: 180, height: 50 }],
  ]),
};

it("adds up the containers around a node", () => {
  expect(absolute(graph, layout, "x")).toEqual({ x: 10, y: 160 });
  expect(absolute(graph, layout, "gone")).toBeNull();
});

it("walks down into a container and up again", () => {
  expect(neighbour(graph, layout, "a", "down")).toBe("loop");
  expect(neighbour(graph, layout, "loop", "down")).toBe("x");
  expect(neighbour(graph, layout, "x", "up")).toBe("loop");
  expect(neighbour(graph, layout, "a", "up")).toBeNull();
});
