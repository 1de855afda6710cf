import { expect, it } from "vitest";
import { startSnippets, webhookCurl } from "./snippets";

it("quotes the input for the shell", () => {
  const [curl] = startSnippets("http://localhost:8000", "orders", { note: "it's" });
  expect(curl?.code).toContain(`-d '{"note":"it'\\''s"}'`);
  expect(curl?.code).toContain("'http://localhost:8000/v1/workflows/orders/executions?wait=30s'");
});

it("posts the body of a sample that is a whole request", () => {
  expect(webhookCurl("http://h", "/hooks/a", "POST", { body: { lead: 1 }, method: "POST" })).toContain(`-d '{"lead":1}'`);
  expect(webhookCurl("http://h", "/hooks/a", "POST", { lead: 2 })).toContain(`-d '{"lead":2}'`);
});

it("sends no body with GET", () => {
  expect(webhookCurl("http://h", "/hooks/a", "GET", {})).toBe("curl 'http://h/hooks/a'");
});
