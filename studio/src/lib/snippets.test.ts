import { expect, it } from "vitest";
import { startSnippets } from "./snippets";

it("quotes the input for the shell", () => {
  const [curl] = startSnippets("http://localhost:8000", "orders", { note: "it's" });
  expect(curl?.code).toContain(`-d '{"note":"it'\\''s"}'`);
  expect(curl?.code).toContain("'http://localhost:8000/v1/workflows/orders/executions?wait=30s'");
});
