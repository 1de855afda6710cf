import type { ElkNode } from "elkjs/lib/elk-api";
import Elk from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { outlineOf, type Sketch } from "../document/test_outline";
import { END, START, toGraph } from "./graph";
import { layoutGraph, type Layout } from "./layout";
import { absolute } from "./walk";

const elk = new Elk();
let asked: ElkNode[] = [];
const layout = (tasks: Sketch[], editable = false): Promise<Layout> => {
  asked = [];
  return layoutGraph(toGraph(outlineOf(tasks), editable), (graph) => {
    asked.push(graph);
    return elk.layout(graph);
  });
};
const centre = (found: Layout, id: string) => {
  const box = found.boxes.get(id);
  return box === undefined ? NaN : box.x + box.width / 2;
};

describe("layoutGraph", () => {
  it("puts a chain in a row without asking the engine", async () => {
    const found = await layout([{ name: "a" }, { name: "b", if: "${ .x }" }]);
    expect(asked).toEqual([]);
    expect(found.boxes.get("/do/0/a")).toEqual({ x: 8, y: 70, width: 224, height: 56 });
    expect(found.boxes.get("/do/1/b")).toEqual({ x: 8, y: 162, width: 224, height: 78 });
    expect([START, END].map((id) => centre(found, id))).toEqual([120, 120]);
    expect([found.width, found.height]).toEqual([240, 310]);
    expect([...found.routes.values()].map((route) => route.points)).toContainEqual([{ x: 120, y: 126 }, { x: 120, y: 162 }]);
  });

  it("is what the engine makes of the whole, also for chains", async () => {
    const found = await layout([{ name: "a" }, { name: "b" }]);
    const graph = toGraph(outlineOf([{ name: "a" }, { name: "b" }]));
    const whole = await elk.layout({
      id: "root",
      layoutOptions: { "elk.algorithm": "layered", "elk.direction": "DOWN", "elk.padding": "[top=8,left=8,bottom=8,right=8]", "elk.layered.spacing.nodeNodeBetweenLayers": "36" },
      children: graph.nodes.map((node) => ({ id: node.id, width: found.boxes.get(node.id)?.width, height: found.boxes.get(node.id)?.height })),
      edges: graph.edges.map((edge) => ({ id: edge.id, sources: [edge.source], targets: [edge.target] })),
    });
    for (const node of whole.children ?? []) expect(found.boxes.get(node.id)).toMatchObject({ x: node.x, y: node.y });
  });

  it("asks only about the stretch where ways part and meet, and keeps what is around it in line", async () => {
    const choice: Sketch = { name: "s", kind: "switch", cases: [{ name: "yes", when: ".x", then: "l" }, { name: "no", when: null, then: "r" }] };
    const found = await layout([{ name: "a" }, choice, { name: "l", then: "z" }, { name: "r" }, { name: "z" }, { name: "last" }]);
    expect(asked.map((one) => one.children?.length)).toEqual([4]);
    expect(centre(found, "/do/0/a")).toBe(centre(found, "/do/1/s"));
    expect(centre(found, "/do/4/z")).toBe(centre(found, "/do/5/last"));
    const [l, r] = [found.boxes.get("/do/2/l"), found.boxes.get("/do/3/r")];
    expect(l?.y).toBe(r?.y);
    expect(Math.abs((l?.x ?? 0) - (r?.x ?? 0))).toBeGreaterThanOrEqual(224);
    const boxes = [...found.boxes.values()];
    expect(Math.min(...boxes.map((box) => box.x))).toBeGreaterThanOrEqual(8);
    expect(Math.max(...boxes.map((box) => box.x + box.width))).toBeLessThanOrEqual(found.width - 8);
    const labels = [...found.routes.values()].filter((route) => route.label !== undefined);
    expect(labels).toHaveLength(2);
    const choiceBox = found.boxes.get("/do/1/s");
    for (const { label } of labels) {
      expect(label?.y).toBeGreaterThan((choiceBox?.y ?? 0) + 56);
      expect(label?.y).toBeLessThan(l?.y ?? 0);
    }
  });

  it("makes room for what a container holds, and draws its edges from the canvas's origin", async () => {
    const tasks: Sketch[] = [{ name: "loop", kind: "for", children: [{ name: "x" }, { name: "y" }] }];
    const found = await layout(tasks);
    const loop = found.boxes.get("/do/0/loop");
    expect(loop).toMatchObject({ width: 264, height: 48 + 14 + 56 + 36 + 56 + 20 });
    const y = absolute(toGraph(outlineOf(tasks)), found, "/do/0/loop/do/1/y");
    const edge = [...found.routes].find(([id]) => id.endsWith("/x>/do/0/loop/do/1/y"))?.[1];
    expect(edge?.points.at(-1)).toEqual({ x: (y?.x ?? 0) + 112, y: y?.y });
  });

  it("places every node and edge of containers in containers", async () => {
    const deep: Sketch[] = [
      { name: "f", kind: "fork", branches: [{ name: "t", kind: "try", children: [{ name: "x" }], catch: [{ name: "h" }] }, { name: "e", kind: "do", children: [] }] },
    ];
    const graph = toGraph(outlineOf(deep), true);
    const found = await layout(deep, true);
    expect(graph.nodes.filter((node) => !found.boxes.has(node.id))).toEqual([]);
    expect(graph.edges.filter((edge) => !found.routes.has(edge.id))).toEqual([]);
  });

  it("lays 500 tasks out in a moment", async () => {
    const five = (n: number): Sketch[] => [{ name: `a${n}` }, { name: `l${n}`, kind: "for", children: [{ name: "x" }, { name: "y" }] }, { name: `b${n}` }];
    const begun = performance.now();
    const found = await layout(Array.from({ length: 100 }, (_, n) => five(n)).flat(), true);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(asked).toEqual([]);
    expect(found.boxes.size).toBe(100 * 6 + 2);
  });
});
