import { expect, it } from "vitest";
import { indexOf } from "../document/outline_index";
import { outlineOf } from "../document/test_outline";
import { dropAt, mayConnect } from "./drop";
import { catchId, slotId, toGraph } from "./graph";
import type { Layout } from "./layout";

const outline = outlineOf([
  { name: "a" },
  { name: "t", kind: "try", children: [{ name: "x" }], catch: [] },
  { name: "f", kind: "fork", branches: [{ name: "l" }, { name: "r" }] },
]);
const graph = toGraph(outline, true);
const index = indexOf(outline);
const layout: Layout = {
  width: 0,
  height: 0,
  routes: new Map(),
  boxes: new Map([
    ["/do/0/a", { x: 0, y: 0, width: 200, height: 50 }],
    ["/do/1/t", { x: 0, y: 100, width: 500, height: 200 }],
    ["/do/1/t/try/0/x", { x: 10, y: 60, width: 200, height: 50 }],
    [catchId("/do/1/t"), { x: 250, y: 60, width: 220, height: 120 }],
    [slotId("/do/1/t/catch/do"), { x: 20, y: 40, width: 28, height: 22 }],
    ["/do/2/f", { x: 0, y: 340, width: 500, height: 200 }],
    ["/do/2/f/fork/branches/0/l", { x: 10, y: 60, width: 200, height: 50 }],
    ["/do/2/f/fork/branches/1/r", { x: 250, y: 60, width: 200, height: 50 }],
  ]),
};
const place = (x: number, y: number, ...dragged: string[]) => dropAt(graph, layout, index, dragged, { x, y })?.place;

it.each([
  ["above the first", 100, -30, { list: "/do", at: 0 }],
  ["between two", 100, 70, { list: "/do", at: 1 }],
  ["on a container's header, beside it", 100, 110, { list: "/do", at: 1 }],
  ["in a container, above its first", 100, 145, { list: "/do/1/t/try", at: 0 }],
  ["in a container, below its last", 100, 250, { list: "/do/1/t/try", at: 1 }],
  ["in a handler that is empty", 300, 220, { list: "/do/1/t/catch/do", at: 0 }],
  ["between two branches", 232, 420, { list: "/do/2/f/fork/branches", at: 1 }],
  ["right of the last branch", 480, 420, { list: "/do/2/f/fork/branches", at: 2 }],
  ["below all", 100, 900, { list: "/do", at: 3 }],
])("drops %s", (_where, x, y, expected) => {
  expect(place(x, y)).toEqual(expected);
});

it("never drops a container into itself", () => {
  expect(place(100, 250, "/do/1/t")).toEqual({ list: "/do", at: 2 });
  expect(place(300, 220, "/do/1/t")?.list).toBe("/do");
});

it("connects only tasks of one list", () => {
  expect(mayConnect(index, "/do/0/a", "/do/2/f")).toBe(true);
  expect(mayConnect(index, "/do/0/a", "/do/0/a")).toBe(false);
  expect(mayConnect(index, "/do/0/a", "/do/1/t/try/0/x")).toBe(false);
});
