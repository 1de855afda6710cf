// Notifications as somebody sees them who is on call: a channel, a test of it, a rule, a failure that is told, one that is not taken.
import { createServer } from "node:http";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const FAILS = `document: {dsl: '1.0.3', namespace: e2e, name: notify-fails, version: 1.0.0}
do:
- a: {raise: {error: {type: 'https://x.example/e', status: 500, title: It broke}}}
`;

async function api(base, method, path, body) {
  const text = typeof body === "string";
  const response = await fetch(base + path, { method, headers: { "content-type": text ? "application/yaml" : "application/json" }, body: body === undefined ? undefined : text ? body : JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

async function clear(base) {
  for (const path of ["/v1/notification-rules", "/v1/notification-channels"]) {
    for (const one of (await api(base, "GET", path)).items) await api(base, "DELETE", `${path}/${one.id}`);
  }
}

test("makes a channel and a rule, tries it, and sees what was told", { real: true }, async ({ page, base }) => {
  await clear(base);
  await api(base, "POST", "/v1/workflows", FAILS);
  const got = [];
  let status = 200;
  const receiver = createServer((request, response) => {
    request.on("data", (piece) => got.push(piece.toString()));
    request.on("end", () => response.writeHead(status).end("thank you"));
  });
  await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
  try {
    await page.goto("/notifications");
    await page.getByText("Tell people what happens").waitFor();
    await checkAccessible(page, "notifications without any");
    await page.getByRole("button", { name: "New channel" }).click();
    expect(await page.getByRole("button", { name: "Make channel" }).isDisabled(), "a channel without a name could be made");
    await page.getByLabel("Name").fill("on call");
    await page.getByLabel("Address").fill(`http://127.0.0.1:${receiver.address().port}/in`);
    await checkAccessible(page, "the dialog of a channel");
    await page.getByRole("button", { name: "Make channel" }).click();
    await page.getByRole("tab", { name: "Channels" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await eventually(async () => got.length > 0 || (await page.getByText("The test was not taken").count()) > 0, "the test told nothing");
    if (got.length === 0) return; // this server's workflows may not reach this machine

    await page.getByRole("tab", { name: "Rules" }).click();
    await page.getByText("Nobody is told of anything yet").waitFor();
    await page.getByRole("button", { name: "New rule" }).first().click();
    await page.getByLabel("Name").fill("what breaks");
    await page.getByLabel("Of which workflows").fill("e2e.notify-fails");
    await page.getByLabel("Gather a storm for").fill("soon");
    await page.getByText("Write it as 30s").waitFor();
    await page.getByLabel("Gather a storm for").fill("0s");
    await checkAccessible(page, "the dialog of a rule");
    await page.getByRole("button", { name: "Make rule" }).click();
    await page.getByText("what breaks").first().waitFor();

    await api(base, "POST", "/v1/workflows/notify-fails/executions?wait=10s", {});
    await page.getByRole("tab", { name: "Messages" }).click();
    await page.locator('[data-status="delivered"]').first().waitFor();
    await checkAccessible(page, "messages");
    status = 410;
    await api(base, "POST", "/v1/workflows/notify-fails/executions?wait=10s", {});
    await page.locator('[data-status="given_up"]').first().waitFor();
    await page.getByText("answers with 410").first().waitFor();
    status = 200;
    await page.getByRole("button", { name: "Try again" }).click();
    await eventually(async () => (await page.locator('[data-status="given_up"]').count()) === 0, "what was tried again is still given up");

    await page.goto("/workflows/notify-fails/triggers");
    await page.getByText("what breaks").waitFor();
    await page.getByRole("button", { name: "Actions for what breaks" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Nobody is told of this workflow").waitFor();
  } finally {
    receiver.close();
    await clear(base);
  }
});
