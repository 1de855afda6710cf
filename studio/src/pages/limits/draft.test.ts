import { expect, it } from "vitest";
import type { Rules } from "../../api/flow";
import { canAddKey, draftOf, fitsForm, NO_LIMITS, pathOfRow, placeOf, rulesOf, sameRules, wrongIn } from "./draft";

/** Every rule there is, as the server documents it. */
const all: Rules = {
  concurrency: [{ limit: 10 }, { limit: 1, key: "${ .customer }" }],
  throttle: { limit: 100, period: "1m", burst: 10, key: "${ .tenant }" },
  rate_limit: { limit: 5, period: "10s", key: "${ .user }" },
  debounce: { period: "5s", max_wait: "1m", key: "${ .document }" },
  singleton: { key: "${ .customer }", on_second: "skip" },
  batch: { size: 100, timeout: "10s", key: "${ .tenant }" },
  priority: '${ if .plan == "gold" then 1 else 3 end }',
  fairness: { key: "${ .tenant }", weights: { big: 5 } },
  queue: { max: 100000, max_per_key: 10000 },
};

it("gives back every rule that it has read", () => {
  expect(rulesOf(draftOf(all))).toEqual(all);
  expect(rulesOf(draftOf({}))).toEqual({});
  expect(rulesOf(NO_LIMITS)).toEqual({});
});

it("reads one rule for one at once as a list of it", () => {
  expect(draftOf({ concurrency: { limit: 2 } }).atOnce).toBe("2");
  expect(rulesOf(draftOf({ concurrency: { limit: 2, key: ".a" } }))).toEqual({ concurrency: [{ limit: 2, key: "${ .a }" }] });
  expect(draftOf({ priority: 2 }).priority).toMatchObject({ how: "fixed", fixed: "2" });
});

it("knows which rules the form can show without losing any", () => {
  expect(fitsForm(all)).toBe(true);
  expect(fitsForm({ concurrency: { limit: 2 }, singleton: {} })).toBe(true);
  expect(fitsForm({ concurrency: [{ limit: 1, key: ".a" }, { limit: 5 }] })).toBe(true);
  expect(fitsForm({ fairness: { key: "${.a}", weights: { key: 2, priority: 3 } } })).toBe(true);
  expect(fitsForm({ concurency: { limit: 2 } })).toBe(false);
  expect(fitsForm({ throttle: { limit: 2, period: "1s", bursts: 3 } })).toBe(false);
  expect(fitsForm({ concurrency: [{ limit: 1 }, { limit: 2 }] })).toBe(true);
  expect(fitsForm({ throttle: 3 })).toBe(false);
  expect(fitsForm({ concurrency: { limit: 2.5 } })).toBe(false);
  expect(fitsForm([])).toBe(false);
});

it("tells rules apart by what they mean", () => {
  expect(sameRules({ concurrency: { limit: 2 } }, { concurrency: [{ limit: 2 }] })).toBe(true);
  expect(sameRules({ singleton: { on_second: "skip" } }, { singleton: {} })).toBe(true);
  expect(sameRules({ throttle: { limit: 1, period: "1s", key: null } }, { throttle: { period: "1s", limit: 1 } })).toBe(true);
  expect(sameRules({ concurrency: { limit: 2 } }, { concurrency: [{ limit: 3 }] })).toBe(false);
});

it("says what is wrong by the path that the server has for it", () => {
  const draft = { ...NO_LIMITS, atOnce: "0", perKey: [{ limit: "2", key: " " }, { limit: "x", key: ".a" }, { limit: "1", key: ".a" }] };
  expect(wrongIn(draft)).toEqual({ "concurrency[0].limit": "number", "concurrency[1].key": "key", "concurrency[2].limit": "number", "concurrency[3].key": "twice" });
  expect(pathOfRow({ ...draft, atOnce: null }, 1, "limit")).toBe("concurrency[1].limit");
  expect(wrongIn({ ...NO_LIMITS, throttle: { limit: "5", period: "soon", burst: "", key: "" } })).toEqual({ "throttle.period": "duration" });
  expect(wrongIn({ ...NO_LIMITS, debounce: { period: "1m30s", maxWait: "500ms", key: "" }, batch: { size: "2", timeout: "1s", key: "" } })).toEqual({ debounce: "together" });
  expect(wrongIn({ ...NO_LIMITS, fairness: { key: "", weights: [{ key: "a", weight: "0" }] } })).toEqual({ "fairness.key": "key", "fairness.weights": "number" });
  expect(wrongIn(draftOf({ ...all, batch: null }))).toEqual({});
});

it("takes five rules of so many at once, as the server does", () => {
  const rows = (n: number) => Array.from({ length: n }, (_, index) => ({ limit: "1", key: `.${index}` }));
  expect(canAddKey({ ...NO_LIMITS, perKey: rows(4) })).toBe(true);
  expect(canAddKey({ ...NO_LIMITS, perKey: rows(4), atOnce: "1" })).toBe(false);
});

it("finds the field that the server means", () => {
  expect(placeOf("concurrency[1].limit must be a whole number from 1 to 1000000")).toEqual({ path: "concurrency[1].limit", message: "must be a whole number from 1 to 1000000" });
  expect(placeOf("debounce and `batch` do not go together")).toEqual({ path: "debounce", message: "and `batch` do not go together" });
  expect(placeOf("throttle.key is no jq expression: it ends\nhere")?.path).toBe("throttle.key");
  expect(placeOf("the disk is full")).toBeNull();
  expect(placeOf("unknown member 'x'")).toBeNull();
});
