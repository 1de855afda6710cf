import { expect, it } from "vitest";
import type { Webhook } from "../../api/webhooks";
import { draftOf, newDraft, settingsOf, variableOf, withScheme, wrongIn } from "./draft";

const webhook: Webhook = {
  id: "whk_1",
  namespace: "shop",
  workflow: "orders",
  url: "/hooks/in",
  path: "in",
  methods: ["POST", "PUT"],
  description: "d",
  enabled: true,
  capture: false,
  body_max: "64KiB",
  authentication: { type: "hmac", secret: "s", header: "x-sig", algorithm: "sha1", encoding: "base64", prefix: "v1=", timestamp_header: "x-at", content: "{timestamp}{body}", tolerance: "1m" },
  filter: ".body.a",
  deduplicate: { key: ".body.id", window: "2h" },
  response: { wait: "10s", status: 201, headers: { location: "${ .url }" }, body: { id: "${ .id }" } },
  secret_found: true,
  created_at: "",
  updated_at: "",
  last_request: null,
};

it("gives back what a webhook says", () => {
  const { workflow, path, methods, description, body_max, authentication, filter, deduplicate, response } = { ...webhook, workflow: "shop.orders" };
  expect(settingsOf(draftOf(webhook))).toEqual({ workflow, path, methods, description, body_max, authentication, filter, deduplicate, response });
});

it("says the least for a new one", () => {
  expect(settingsOf(newDraft("shop.orders"))).toEqual({
    workflow: "shop.orders",
    path: "orders",
    methods: ["POST"],
    description: "",
    body_max: "1MiB",
    authentication: { type: "none" },
    filter: null,
    deduplicate: null,
    response: {},
  });
});

it("knows what a vendor's requests are told apart by, and leaves what somebody has said", () => {
  const github = withScheme(newDraft("a.b"), "github");
  expect([github.secret, github.once, github.onceHeader]).toEqual(["github", "header", "x-github-delivery"]);
  const stripe = withScheme(github, "stripe");
  expect([stripe.secret, stripe.once, stripe.onceKey]).toEqual(["stripe", "key", ".body.id"]);
  expect(withScheme(stripe, "none").once).toBe("none");
  const own = withScheme({ ...stripe, secret: "mine", onceKey: ".body.order" }, "slack");
  expect([own.secret, own.onceKey]).toEqual(["mine", ".body.order"]);
});

it("finds what is wrong", () => {
  const good = newDraft("a.b");
  expect(wrongIn(good)).toEqual({});
  for (const path of ["", "/a", "a/", "a//b", "a b", "../a", "ä"]) expect(wrongIn({ ...good, path }), path).toEqual({ path: true });
  expect(wrongIn({ ...good, methods: [] })).toEqual({ methods: true });
  expect(wrongIn({ ...good, scheme: "github", secret: "it is $ecret" })).toEqual({ secret: true });
  expect(wrongIn({ ...good, wait: "5s", headers: "[]" })).toEqual({ headers: "object" });
  expect(wrongIn({ ...good, wait: "5s", headers: "{", body: "{" })).toEqual({ headers: "json", body: true });
  expect(wrongIn({ ...good, headers: "{" })).toEqual({});
});

it("names the variable of a secret as the server does", () => {
  expect(variableOf("github-hook.1")).toBe("ELEVAITE_SECRET_GITHUB_HOOK_1");
});
