import { describe, expect, it } from "vitest";
import { changesOf, valueText } from "./changes_of";

describe("changesOf", () => {
  it("names what differs, and nothing else", () => {
    expect(changesOf({ concurrency: { limit: 2 }, priority: 3 }, { concurrency: { limit: 5, key: ".c" }, priority: 3 })).toEqual([
      { path: "concurrency.key", before: undefined, after: ".c" },
      { path: "concurrency.limit", before: 2, after: 5 },
    ]);
  });
  it("takes what was not there, or is there no more, as empty", () => {
    expect(changesOf(null, { throttle: { limit: 1 } })).toEqual([{ path: "throttle.limit", before: undefined, after: 1 }]);
    expect(changesOf({ workflow: "a.b" }, null)).toEqual([{ path: "workflow", before: "a.b", after: undefined }]);
    expect(changesOf(null, null)).toEqual([]);
    expect(changesOf({ a: null }, { a: null })).toEqual([]);
  });
  it("takes a list of another length as one place, and other kinds of values as a change", () => {
    expect(changesOf({ a: [{ b: 1 }, 2] }, { a: [{ b: 1 }, 3] })).toEqual([{ path: "a[1]", before: 2, after: 3 }]);
    expect(changesOf({ a: [1] }, { a: [1, 3] })).toEqual([{ path: "a", before: [1], after: [1, 3] }]);
    expect(changesOf({ a: { b: 1 } }, { a: 7 })).toEqual([{ path: "a", before: { b: 1 }, after: 7 }]);
  });
  it("writes values short", () => {
    expect([valueText(undefined), valueText("x"), valueText([1])]).toEqual(["", "x", "[1]"]);
  });
});
