import { expect, it } from "vitest";
import { worthAsking } from "./complete";

it.each(["  - ", "  - ca", "call: ", "in: ${ .it", "in: ${ $co", "x: ${ . | "])("asks after %j", (before) => {
  expect(worthAsking(before)).toBe(true);
});

it.each(["# a comm", "set: # note", "x: 'text'", "x: [1, 2]", "  ", ""])("does not ask after %j", (before) => {
  expect(worthAsking(before)).toBe(false);
});
