import { expect, it } from "vitest";
import { matches } from "./commands";

it("matches the beginnings of words in any order", () => {
  expect(matches({ label: "Go to workflows" }, "wor go")).toBe(true);
  expect(matches({ label: "Go to workflows" }, "flows")).toBe(false);
  expect(matches({ label: "Dark theme", words: "appearance" }, "app")).toBe(true);
  expect(matches({ label: "anything" }, "  ")).toBe(true);
});
