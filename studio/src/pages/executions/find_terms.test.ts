import { expect, it } from "vitest";
import { findTerms } from "./find_terms";

it("reads conditions with spaces between", () => {
  expect(findTerms("  order=17 tag:team=sales  tag:env=prod error:timeout version:1.0.0")).toEqual({
    attribute: ["order=17"],
    tag: ["team=sales", "env=prod"],
    error: "timeout",
    version: "1.0.0",
  });
});

it("takes what has no name for an id, and a value with a colon for a value", () => {
  expect(findTerms("exe_01m8b1d07ve9")).toEqual({ id: "exe_01m8b1d07ve9" });
  expect(findTerms("attribute:url=http://x")).toEqual({ attribute: ["url=http://x"] });
  expect(findTerms("url=http://x")).toEqual({ attribute: ["url=http://x"] });
});

it("gives no condition for nothing", () => {
  expect(findTerms(" ")).toEqual({});
});
