import { expect, it } from "vitest";
import type { Scheme } from "../api/webhooks";
import { webhookCurl } from "./webhook_curl";

const webhook = (type: Scheme, methods = ["POST"]) => ({ url: "/hooks/a", methods, authentication: { type, secret: "s", header: "x-sig" } });

it("posts the body of a sample that is a whole request", () => {
  expect(webhookCurl("http://h", webhook("none"), { body: { lead: 1 }, method: "POST" })).toBe(
    "curl -X POST 'http://h/hooks/a' \\\n  -H 'content-type: application/json' \\\n  -d '{\"lead\":1}'",
  );
  expect(webhookCurl("http://h", webhook("none"), { note: "it's" })).toContain(`-d '{"note":"it'\\''s"}'`);
});

it("sends no body with GET", () => {
  expect(webhookCurl("http://h", webhook("none", ["GET"]), {})).toBe("curl -X GET 'http://h/hooks/a'");
  expect(webhookCurl("http://h", webhook("github", ["GET"]), {})).not.toContain("-d ");
});

it("signs what it sends", () => {
  const github = webhookCurl("http://h", webhook("github"), { a: "it's" });
  expect(github).toContain(`BODY='{"a":"it'\\''s"}'`);
  expect(github).toContain('printf %s "$BODY" | openssl dgst -sha256 -hmac "$SECRET"');
  expect(github).toContain('-d "$BODY"');
  for (const type of ["stripe", "slack", "standard", "hmac", "header", "basic"] as const) {
    const text = webhookCurl("http://h", webhook(type), {});
    expect(text, type).toContain("BODY='{}'");
    expect(text, type).toContain('-d "$BODY"');
  }
  expect(webhookCurl("http://h", webhook("slack"), {})).toContain('"v0:$TIME:$BODY"');
  expect(webhookCurl("http://h", webhook("header"), {})).toContain('-H "x-sig: $SECRET"');
});
