import { expect, it } from "vitest";
import type { Diagnostic, Severity } from "../api/types";
import { outlineOf } from "../document/test_outline";
import { EMPTY_OVERLAY, flowEdges, flowNodes, keepSame, problemsByRef, sameEdge, sameNode } from "./flow";
import { toGraph } from "./graph";
import type { Layout } from "./layout";

const layout: Layout = { width: 0, height: 0, routes: new Map(), boxes: new Map() };
const view = { chosen: [], overlay: EMPTY_OVERLAY, problems: new Map(), editable: true, renaming: null, onSelect: () => {} };
const graphOf = (detail: string) => toGraph(outlineOf([{ name: "a" }, { name: "b", detail }]), true);

it("keeps the nodes that nothing has changed for, so that only the others are drawn again", () => {
  const before = flowNodes({ graph: graphOf("old"), layout }, view);
  const kept = keepSame(before, flowNodes({ graph: graphOf("new"), layout }, view), sameNode);
  const again = kept.filter((node, index) => node !== before[index]).map((node) => node.id);
  expect(again).toEqual(["/do/1/b"]);
  const chosen = keepSame(before, flowNodes({ graph: graphOf("old"), layout }, { ...view, chosen: ["/do/0/a"] }), sameNode);
  expect(chosen.filter((node, index) => node !== before[index]).map((node) => node.id)).toEqual(["/do/0/a"]);
});

it("keeps edges until they are chosen or lead elsewhere", () => {
  const edgesOf = (chosen: string | null) => flowEdges({ graph: graphOf(""), layout: { ...layout, routes } }, { overlay: EMPTY_OVERLAY, ended: false, chosen });
  const routes: Layout["routes"] = new Map(graphOf("").edges.map((edge) => [edge.id, { points: [] }]));
  const before = edgesOf(null);
  expect(keepSame(before, edgesOf(null), sameEdge)).toEqual(before);
  expect(keepSame(before, edgesOf(null), sameEdge).every((edge, index) => edge === before[index])).toBe(true);
  const id = before[0]?.id ?? "";
  expect(keepSame(before, edgesOf(id), sameEdge).filter((edge, index) => edge !== before[index]).map((edge) => edge.id)).toEqual([id]);
});

it("lays a problem at the innermost task around it, the worst one first", () => {
  const graph = toGraph(outlineOf([{ name: "loop", kind: "for", children: [{ name: "x" }] }]));
  const at = (pointer: string, severity: Severity): Diagnostic => ({ code: "", severity, message: pointer, line: 1, column: 1, end_line: 1, end_column: 1, pointer });
  const problems = problemsByRef(graph, [at("/do/0/loop/do/0/x/set", "error"), at("/do/0/loop/do/0/x", "warning"), at("/do/0/loop/for/in", "hint"), at("/document", "error")]);
  expect([...problems]).toEqual([
    ["/do/0/loop/do/0/x", { severity: "error", message: "/do/0/loop/do/0/x/set" }],
    ["/do/0/loop", { severity: "hint", message: "/do/0/loop/for/in" }],
  ]);
});
