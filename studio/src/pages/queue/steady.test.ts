import { expect, it } from "vitest";
import { steadyRows } from "./steady";

const idOf = (item: string) => item[0] ?? "";
const shown = (rows: { id: string; item: string; gone: boolean }[]) => rows.map((row) => (row.gone ? `-${row.item}` : row.item)).join(" ");

it("shows the list as it is when nobody looks", () => {
  const rows = steadyRows([], ["a", "b"], idOf, false);
  expect(shown(steadyRows(rows, ["b", "c"], idOf, false))).toBe("b c");
});

it("keeps every row in its place while somebody looks", () => {
  const rows = steadyRows([], ["a1", "b1", "c1"], idOf, false);
  const held = steadyRows(rows, ["c2", "b2", "d1"], idOf, true);
  expect(shown(held)).toBe("-a1 b2 c2 d1");
  expect(shown(steadyRows(held, ["a3", "c3"], idOf, true))).toBe("a3 -b2 c3 -d1");
  expect(shown(steadyRows(held, ["c3"], idOf, false))).toBe("c3");
});
