import { describe, expect, it } from "vitest";
import { awaitedTypes } from "./awaited_types";

describe("awaitedTypes", () => {
  const source = "do:\n  - wait/for:\n      listen:\n        to:\n          all:\n            - with: {type: a.b}\n            - with: {type: '${ .t }', data: {with: {type: no}}}\n            - with: {source: x}\n";
  it("lists the types of the filters, and no expressions", () => {
    expect(awaitedTypes(source, "/do/0/wait~1for")).toEqual(["a.b"]);
    expect(awaitedTypes(source, "/do/7/gone")).toEqual([]);
  });
});
