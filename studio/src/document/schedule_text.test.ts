import { describe, expect, it } from "vitest";
import { awaitedTypes, scheduleOf } from "./schedule_text";

describe("scheduleOf", () => {
  it("reads each way a document can start by itself", () => {
    expect(scheduleOf("schedule: {cron: '0 3 * * *'}")).toEqual([{ kind: "cron", expression: "0 3 * * *" }]);
    expect(scheduleOf("schedule:\n  every:\n    minutes: 1\n    seconds: 30\n")).toEqual([{ kind: "every", duration: "1 min 30 s" }]);
    expect(scheduleOf("schedule: {after: PT5M}")).toEqual([{ kind: "after", duration: "PT5M" }]);
    expect(scheduleOf("schedule: {on: {any: [{with: {type: a}}, {with: {type: b}}, {with: {type: a}}]}}")).toEqual([{ kind: "on", types: ["a", "b"] }]);
  });

  it("finds none where there is none, or the text cannot be read", () => {
    expect(scheduleOf("do: []")).toEqual([]);
    expect(scheduleOf("schedule: {cron: [")).toEqual([]);
  });
});

describe("awaitedTypes", () => {
  const source = "do:\n  - wait/for:\n      listen:\n        to:\n          all:\n            - with: {type: a.b}\n            - with: {type: '${ .t }', data: {with: {type: no}}}\n            - with: {source: x}\n";
  it("lists the types of the filters, and no expressions", () => {
    expect(awaitedTypes(source, "/do/0/wait~1for")).toEqual(["a.b"]);
    expect(awaitedTypes(source, "/do/7/gone")).toEqual([]);
  });
});
