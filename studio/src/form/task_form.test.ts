import { describe, expect, it } from "vitest";
import type { Connector, Diagnostic } from "../api/types";
import { problemsAt, problemsElsewhere, shownFields, taskForm } from "./task_form";
import { VOCABULARY } from "./test_vocabulary";

const connector: Connector = {
  name: "llm.generate",
  version: "1",
  title: "",
  description: "",
  input_schema: {
    required: ["prompt"],
    properties: {
      prompt: { type: "string" },
      temperature: { type: "number" },
      output: { type: "string", enum: ["a", "b"] },
      endpoint: { oneOf: [{ type: "string" }, { type: "object", required: ["uri"], properties: { uri: { type: "string" } } }] },
      headers: { type: ["object", "string"], additionalProperties: true },
      messages: { type: "array" },
    },
  },
};
const form = (kind: "call" | "for" | "switch", definition = {}) => taskForm(VOCABULARY, [connector], kind, definition);
const kinds = (fields: { name: string; shapes: { kind: string }[] }[]) => Object.fromEntries(fields.map((one) => [one.name, one.shapes.map((shape) => shape.kind).join("|")]));
const argumentsOf = (call: string) => {
  const shape = form("call", { call }).own.find((field) => field.name === "with")?.shapes[0];
  return shape?.kind === "object" ? kinds(shape.fields) : shape?.kind;
};

describe("taskForm", () => {
  it("has what the kind has, and apart from it what every task may have", () => {
    expect(kinds(form("for").own)).toEqual({ for: "object" });
    expect(kinds(form("for").common)).toEqual({ if: "expression", then: "flow", timeout: "text|object" });
  });

  it("has the arguments of what is called", () => {
    expect(argumentsOf("http")).toEqual({ method: "text", headers: "map", body: "yaml" });
    expect(argumentsOf("llm.generate")).toEqual({
      prompt: "text",
      temperature: "number",
      output: "enum",
      endpoint: "text|object",
      headers: "map|text",
      messages: "yaml",
    });
    expect(argumentsOf("something.else")).toBe("map");
  });

  it("shows the cases of a switch", () => {
    const shape = form("switch").own[0]?.shapes[0];
    expect(shape?.kind === "named" && kinds(shape.fields)).toEqual({ when: "expression", then: "flow" });
  });
});

it("shows what is there or must be, and offers the rest", () => {
  const { shown, more } = shownFields(form("call").common, { if: "${ .a }" });
  expect(shown.map((field) => field.name)).toEqual(["if"]);
  expect(more.map((field) => field.name)).toEqual(["then", "timeout"]);
});

it("shows each problem once: at its field, or above them all", () => {
  const at = (pointer: string): Diagnostic => ({ code: "X", severity: "error", message: pointer, line: 1, column: 1, end_line: 1, end_column: 1, pointer });
  const diagnostics = ["/do/0/a", "/do/0/a/with/method", "/do/0/a/unknown", "/do/0/a/do/0/b", "/do/0/ab"].map(at);
  const { own, common } = form("call");
  expect(problemsElsewhere(diagnostics, "/do/0/a", [...own, ...common]).map((one) => one.pointer)).toEqual(["/do/0/a", "/do/0/a/unknown"]);
  expect(problemsAt(diagnostics, "/do/0/a/with/method", true)).toHaveLength(1);
  expect(problemsAt(diagnostics, "/do/0/a/with", false)).toHaveLength(0);
});
