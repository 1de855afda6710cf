import { expect, it } from "vitest";
import type { OutlineTask } from "../api/types";
import { toGraph } from "./graph";
import { fromElk, toElk } from "./layout";

const task = (ref: string, children?: OutlineTask[]): OutlineTask => ({ ref, name: ref, kind: "set", detail: "", line: 1, column: 1, children });

it("nests containers and keeps each edge in its scope", () => {
  const root = toElk(toGraph({ tasks: [task("loop", [task("x"), task("y")])] }));
  const loop = root.children?.find((child) => child.id === "loop");
  expect(loop?.children?.map((child) => child.id)).toEqual(["x", "y"]);
  expect(loop?.edges?.map((edge) => [edge.sources[0], edge.targets[0]])).toEqual([["x", "y"]]);
});

it("gives edges of a container from the canvas's origin", () => {
  const edge = { id: "e", sources: ["x"], targets: ["y"], sections: [{ id: "s", startPoint: { x: 1, y: 2 }, endPoint: { x: 1, y: 9 } }] };
  const layout = fromElk({ id: "root", children: [{ id: "loop", x: 10, y: 20, width: 50, height: 60, children: [], edges: [edge] }] });
  expect(layout.routes.get("e")?.points).toEqual([{ x: 11, y: 22 }, { x: 11, y: 29 }]);
  expect(layout.boxes.get("loop")).toEqual({ x: 10, y: 20, width: 50, height: 60 });
});
