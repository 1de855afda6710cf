import { expect, it } from "vitest";
import { callStarter, STARTERS } from "./starters";

it("has a definition that bears its kind for every kind", () => {
  for (const [kind, { definition }] of Object.entries(STARTERS)) expect(Object.keys(definition as object)).toContain(kind);
});

it("fills in what a connector cannot do without", () => {
  const input_schema = {
    required: ["prompt", "n", "mode"],
    properties: { prompt: { type: "string" }, n: { type: "integer", default: 3 }, mode: { enum: ["fast", "slow"] }, other: { type: "string" } },
  };
  expect(callStarter({ name: "llm.generate", input_schema })).toEqual({
    name: "llmGenerate",
    definition: { call: "llm.generate", with: { prompt: "", n: 3, mode: "fast" } },
  });
  expect(callStarter({ name: "mcp" })).toEqual({ name: "mcp", definition: { call: "mcp" } });
});
