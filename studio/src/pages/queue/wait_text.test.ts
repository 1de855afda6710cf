import { expect, it } from "vitest";
import { gateOfPause, keyText, paceText, targetText, waitText } from "./wait_text";

const now = Date.parse("2026-11-26T12:00:00");
const soon = new Date(now + 3000).toISOString();
const of = { workflow: "default.bill", expression: null, key: null, since: soon };

it("says which gate a run waits for", () => {
  expect(waitText({ kind: "concurrency", ...of, limit: 2 }, now)).toBe("2 of 2 at once are running");
  expect(waitText({ kind: "concurrency", ...of, expression: " .customer ", key: "17", limit: 1 }, now)).toBe("1 of 1 for .customer = 17");
  expect(waitText({ kind: "concurrency", ...of, workflow: null, limit: 100 }, now)).toBe("100 of 100 of the whole account are running");
  expect(waitText({ kind: "throttle", ...of, until: soon }, now)).toBe("Throttled, next at 12:00:03");
  expect(waitText({ kind: "throttle", ...of, expression: ".tenant", key: "a", until: null }, now)).toBe("Throttled for .tenant = a");
  expect(waitText({ kind: "pause", ...of, note: "their database is down" }, now)).toBe("Paused: their database is down");
  expect(waitText({ kind: "pause", ...of, workflow: null }, now)).toBe("Everything is paused");
  expect(waitText({ kind: "pause", ...of, expression: ".tenant", key: "a", note: "x" }, now)).toBe(".tenant = a is paused: x");
  expect(waitText({ kind: "debounce", since: soon, until: soon }, now)).toBe("Collecting until 12:00:03; the last input counts");
  expect(waitText({ kind: "turn", since: soon }, now)).toBe("Its turn comes next");
  expect(waitText(null, now)).toBe("About to start");
});

it("says the day of what is not today", () => {
  expect(waitText({ kind: "throttle", ...of, until: new Date(now + 48 * 3_600_000).toISOString() }, now)).toMatch(/next at Sat,? 28 Nov,? 12:00:00/);
});

it("names a key that the input does not have", () => {
  expect(keyText({ expression: ".customer", key: "" })).toBe(".customer = nothing");
  expect(targetText({ workflow: "default.bill", expression: ".customer", key: "17" })).toBe("bill, .customer = 17");
  expect(targetText({ workflow: "other.bill", expression: null, key: null })).toBe("other.bill");
  expect(targetText({ workflow: null, expression: null, key: null })).toBe("The whole account");
});

it("says a pace as people set it", () => {
  const between = (ms: number) => `${ms} ms`;
  expect(paceText(15_000, between)).toBe("4 starts a minute");
  expect(paceText(100, between)).toBe("10 starts a second");
  expect(paceText(3_600_000, between)).toBe("1 start an hour");
  expect(paceText(7000, between)).toBe("One start every 7000 ms");
  expect(paceText(60_000 / 7, between)).toBe("7 starts a minute");
});

it("finds the gate that a pause is, and what it holds back", () => {
  const gate = { kind: "pause" as const, workflow: "default.bill", expression: ".c", key: "17", limit: null, in_use: null, waiting: 3, oldest: null, note: null };
  expect(gateOfPause({ workflow: "default.bill", expression: ".c", key: "17" }, [gate])?.waiting).toBe(3);
  expect(gateOfPause({ workflow: "default.bill", expression: ".c", key: "18" }, [gate])).toBeUndefined();
  expect(gateOfPause({ workflow: "default.bill", expression: null, key: null }, [gate])).toBeUndefined();
});
