import { expect, it } from "vitest";
import { paletteItems } from "./palette_items";
import { findItems } from "./pick_items";

const items = paletteItems([
  { name: "http", version: "1", title: "HTTP request", description: "Calls an HTTP API and waits for its answer", icon: "globe" },
  { name: "llm.generate", version: "1", title: "Ask a language model", description: "Sends a prompt" },
]);
const ids = (typed: string) => findItems(items, typed).map((one) => one.id);

it("offers each connector and each other kind once", () => {
  expect(new Set(ids("")).size).toBe(13);
  expect(ids("")).not.toContain("call");
  expect(paletteItems([]).map((one) => one.id)).toContain("call");
});

it("finds by the beginnings of words, names before descriptions", () => {
  expect(ids("lang mod")).toEqual(["call:llm.generate"]);
  expect(ids("llm")).toEqual(["call:llm.generate"]);
  expect(ids("wait")[0]).toBe("wait");
  expect(ids("wait")).toContain("call:http");
  expect(ids("zzz")).toEqual([]);
});
