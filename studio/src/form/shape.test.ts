import { expect, it } from "vitest";
import { asExpression, inside, isExpression, modeOf, startOf, type Field, type Shape } from "./shape";

const field = (shapes: Shape[], computed = true): Field => ({ name: "x", description: "", required: false, shapes, computed });
const uri = field([{ kind: "text" }], true);
const endpoint: Shape = { kind: "object", open: false, fields: [{ ...uri, name: "uri", required: true }] };

it("tells expressions from texts", () => {
  expect(isExpression("${ .a }")).toBe(true);
  expect(isExpression("${ .a } and more")).toBe(false);
  expect(inside("${ .a | {b: 1} }")).toBe(".a | {b: 1}");
  expect(asExpression(" .a ")).toBe("${ .a }");
});

it("shows a value in the shape it has", () => {
  const either = field([{ kind: "text" }, endpoint]);
  expect(modeOf(either, "https://x")).toMatchObject({ shape: { kind: "text" } });
  expect(modeOf(either, { uri: "https://x" })).toMatchObject({ shape: { kind: "object" } });
  expect(modeOf(either, "${ .url }")).toEqual({ kind: "expression" });
  expect(modeOf(either, undefined)).toMatchObject({ shape: { kind: "text" } });
});

it("leaves to YAML what no shape fits, such as a key it does not know", () => {
  expect(modeOf(field([endpoint]), { uri: "https://x", other: 1 })).toEqual({ kind: "yaml" });
  expect(modeOf(field([{ kind: "number", integer: true }]), "12")).toEqual({ kind: "yaml" });
  expect(modeOf(field([{ kind: "enum", values: ["a"] }]), "b")).toEqual({ kind: "yaml" });
});

it("does not take `${ }` for an expression where none may stand", () => {
  expect(modeOf(field([{ kind: "text" }], false), "${ x }")).toMatchObject({ shape: { kind: "text" } });
});

it("keeps what was there when the shape changes", () => {
  expect(startOf(endpoint, "https://x")).toEqual({ uri: "https://x" });
  expect(startOf({ kind: "text" }, { uri: "https://x" })).toBe("https://x");
  expect(startOf({ kind: "expression" }, "${ .a }")).toBe("${ .a }");
});
