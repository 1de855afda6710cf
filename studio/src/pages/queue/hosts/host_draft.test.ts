import { describe, expect, it } from "vitest";
import { draftOf, isDuration, placeOf, rulesOf, wrongOf } from "./host_draft";

describe("the rule of a host in a form", () => {
  it("is the same rule again when nothing was changed, also what the form does not show", () => {
    const rules = {
      concurrency: 3,
      rate: { limit: 10, period: "1m", burst: 4 },
      queue: { max: 50, wait: "2m" },
      breaker: { in_a_row: 5, calls_min: 30, window: "2m", open: "10s", retry_after_max: "0s", when_open: "wait" },
    };
    expect(rulesOf(draftOf(rules), rules)).toEqual(rules);
  });

  it("has a breaker of nothing but its name, and none when it is switched off", () => {
    const draft = { ...draftOf({}), breaker: true };
    expect(rulesOf(draft, {})).toEqual({ breaker: {} });
    expect(rulesOf({ ...draft, breaker: false }, { breaker: { in_a_row: 2 } })).toEqual({});
  });

  it("leaves out what was emptied", () => {
    const rules = { concurrency: 3, rate: { limit: 10, period: "1m", burst: 4 } };
    expect(rulesOf({ ...draftOf(rules), atOnce: "", rate: "", period: "" }, rules)).toEqual({});
  });

  it("says which fields are no numbers and no times", () => {
    expect(wrongOf({ ...draftOf({}), atOnce: "0", period: "soon", inARow: "x" })).toEqual({ concurrency: "number", "rate.period": "duration" });
    expect(wrongOf({ ...draftOf({}), breaker: true, inARow: "x", open: "1" })).toEqual({ "breaker.in_a_row": "number", "breaker.open": "duration" });
    expect(["10s", "1m30s", "1.5h", ""].every(isDuration)).toBe(true);
  });

  it("finds the field that the server complains of", () => {
    expect(placeOf("breaker.open is not a time that can be used")).toEqual({ path: "breaker.open", message: "is not a time that can be used" });
    expect(placeOf("something else")).toBeNull();
  });
});
