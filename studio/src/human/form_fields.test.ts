import { describe, expect, it } from "vitest";
import { fieldOfPointer, fieldsOf, valuesOf } from "./form_fields";

const form = {
  type: "object",
  required: ["amount", "receipt"],
  properties: {
    amount: { type: "number", title: "Amount", description: "In euros." },
    count: { type: "integer", default: 2 },
    why: { type: "string", maxLength: 1000 },
    day: { type: "string", format: "date" },
    sure: { type: "boolean", default: true },
    size: { enum: ["s", "m"], default: "m" },
    level: { oneOf: [{ const: 1, title: "Low" }, { const: 2, title: "High" }] },
    tags: { type: "array", items: { type: "string" } },
    days: { type: "array", items: { enum: ["mon", "tue"] } },
    receipt: { type: "string", format: "file", accept: ["image/*", "application/pdf"] },
    more: { type: "object" },
  },
};
const fields = fieldsOf(form);
const kindOf = (name: string) => fields.find((one) => one.name === name)?.kind;

describe("fieldsOf", () => {
  it("finds the input that fits", () => {
    expect(kindOf("amount")).toEqual({ kind: "number", integer: false });
    expect(kindOf("why")).toEqual({ kind: "text", long: true, type: "text" });
    expect(kindOf("day")).toEqual({ kind: "text", long: false, type: "date" });
    expect(kindOf("level")).toEqual({ kind: "choice", options: [{ value: 1, label: "Low" }, { value: 2, label: "High" }] });
    expect(kindOf("tags")).toEqual({ kind: "texts" });
    expect(kindOf("days")).toMatchObject({ kind: "choices" });
    expect(kindOf("receipt")).toEqual({ kind: "file", many: false, accept: "image/*,application/pdf" });
    expect(kindOf("more")).toEqual({ kind: "json" });
  });
  it("takes titles, descriptions and defaults", () => {
    expect(fields[0]).toMatchObject({ label: "Amount", description: "In euros.", required: true, initial: "" });
    expect(fields.map((one) => one.initial)).toEqual(["", "2", "", "", true, "m", "", [], [], [], ""]);
  });
  it("has none for what is no schema of an object", () => {
    expect(fieldsOf(null)).toEqual([]);
    expect(fieldsOf("x")).toEqual([]);
  });
});

describe("valuesOf", () => {
  it("reads what was typed", () => {
    const { values, problems } = valuesOf(fields, { amount: "3.5", level: "2", tags: ["a", " "], days: ["mon"], receipt: ["fil_1"], more: '{"a":1}' });
    expect(problems).toEqual({});
    expect(values).toEqual({ amount: 3.5, count: 2, sure: true, size: "m", level: 2, tags: ["a"], days: ["mon"], receipt: "fil_1", more: { a: 1 } });
  });
  it("says what is missing and what cannot be read", () => {
    expect(valuesOf(fields, { count: "1.5", amount: "x", more: "{" }).problems).toEqual({ count: "integer", amount: "number", more: "json", receipt: "required" });
  });
});

describe("fieldOfPointer", () => {
  it("names the field", () => {
    expect(fieldOfPointer("/values/a~1b")).toBe("a/b");
    expect(fieldOfPointer("/comment")).toBeNull();
  });
});
