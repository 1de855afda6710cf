// Webhooks as somebody sees them who connects a sender: made with a preset, tried as the page says, watched, mended.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const run = promisify(execFile);
const odd = "it's a $ecret";
const standard = `whsec_${Buffer.from("0123456789abcdef01234567").toString("base64")}`;

async function putSecret(name, secret) {
  await writeFile(join(process.env.E2E_SECRETS, name), secret, { mode: 0o600 });
}

async function make(base, settings) {
  const response = await fetch(`${base}/v1/webhooks`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ workflow: names.greet, ...settings }) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** What the page says to paste into a shell, with the secret put in. */
async function paste(page, secret) {
  const text = await page.getByLabel("Send a request with curl").textContent();
  const quoted = `'${secret.replaceAll("'", `'\\''`)}'`;
  const { stdout } = await run("bash", ["-c", text.replace("'the value of the secret'", quoted).replace("curl ", "curl -sS -w ' %{http_code}' ")]);
  return stdout;
}

test("makes a webhook for GitHub, sends as the page says, and finds the run", { real: true }, async ({ page }) => {
  await putSecret(`github-${names.greet}`, odd);
  await page.goto(`/workflows/${names.greet}/triggers`);
  await page.getByRole("link", { name: "Add a webhook" }).click();
  await page.getByRole("radio", { name: /GitHub/ }).click();
  await page.getByLabel("Secret").fill(`github-${names.greet}`);
  expect((await page.getByLabel("Header").inputValue()) === "x-github-delivery", "the preset did not say what tells requests apart");
  await page.getByLabel("Path").fill("a b");
  await page.getByText("Letters, digits and any of").waitFor();
  expect(await page.getByRole("button", { name: "Make webhook" }).isDisabled(), "a wrong path could be saved");
  await page.getByLabel("Path").fill(`e2e/${names.greet}`);
  await checkAccessible(page, "the form of a webhook");
  await page.getByRole("button", { name: "Make webhook" }).click();
  await page.waitForURL(/\/webhooks\/whk_\w+\/send/);
  expect((await paste(page, odd)).endsWith(" 202"), "what the page says to send was not accepted");
  await page.getByRole("tab", { name: "Requests" }).click();
  await page.locator('[data-result="started"]').first().waitFor();
  await checkAccessible(page, "the requests of a webhook");
  await page.getByText("left out, for they carry credentials").first().waitFor();
  await page.getByRole("link", { name: "Open the run" }).click();
  await page.waitForURL(/\/executions\/exe_/);
});

for (const type of ["stripe", "slack", "standard", "hmac", "header", "none"]) {
  test(`signs what it says to send as ${type}`, { real: true }, async ({ page, base }) => {
    const secret = type === "standard" ? standard : odd;
    await putSecret(`${type}-secret`, secret);
    const own = { hmac: { header: "x-sig", encoding: "base64", timestamp_header: "x-at" }, header: { header: "x-token" } }[type];
    const hook = await make(base, { path: `e2e/${names.greet}-${type}`, authentication: { type, secret: type === "none" ? undefined : `${type}-secret`, ...own } });
    await page.goto(`/webhooks/${hook.id}/send`);
    const answer = await paste(page, secret);
    expect(answer.endsWith(" 202"), `${type}: ${answer}`);
  });
}

test("shows why a request was refused, captures one and sends it again", { real: true }, async ({ page, base }) => {
  const hook = await make(base, { path: `e2e/${names.greet}-refuse`, authentication: { type: "github", secret: `missing-${names.greet}` } });
  const send = (headers = {}) => fetch(base + hook.url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: '{"person": "Grace"}' });
  await page.goto(`/webhooks/${hook.id}`);
  await page.getByText("No request yet").waitFor();
  await page.getByText(`The server has no secret “missing-${names.greet}”`).waitFor();
  expect((await send()).status === 503, "a webhook without its secret let somebody in");
  await page.getByText(`there is no secret 'missing-${names.greet}'`).first().waitFor();
  await page.getByRole("button", { name: "Capture only" }).click();
  await page.getByText("start nothing").waitFor();
  await eventually(async () => (await send()).status === 200, "capturing did not answer 200");
  await page.locator('[data-result="captured"]').first().click();
  await page.getByRole("button", { name: "Send again" }).click();
  await page.locator('[data-result="replayed"]').first().waitFor();
  await page.getByRole("button", { name: "Stop capturing" }).click();
  await page.getByText("start nothing").waitFor({ state: "detached" });
});

test("changes, disables and deletes a webhook", { real: true }, async ({ page, base }) => {
  const hook = await make(base, { path: `e2e/${names.greet}-change`, response: { wait: "5s" } });
  await page.goto("/webhooks");
  await page.getByRole("searchbox").fill(`${names.greet}-change`);
  await checkAccessible(page, "the webhooks");
  await page.getByRole("link", { name: hook.url }).click();
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Description").fill("for the test");
  await page.getByRole("button", { name: "PUT", exact: true }).click();
  await page.getByRole("button", { name: "Make the answer from the output" }).click();
  await page.getByLabel("Body", { exact: true }).fill('{"said": "${ .greeting }"');
  await page.getByText("This is no JSON.").waitFor();
  await page.getByLabel("Body", { exact: true }).fill('{"said": "${ .greeting }"}');
  await page.getByRole("button", { name: "Save webhook" }).click();
  await page.getByText("The webhook is saved").waitFor();
  const answer = await fetch(base + hook.url, { method: "PUT", headers: { "content-type": "application/json" }, body: '{"person": "Ada"}' });
  // Another test may have published other words.
  expect(/^\{"said":"[^"]+"\}$/.test(await answer.text()), "the answer is not what was mapped");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByText("Requests are answered as if nothing were here.").waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.waitForURL("**/webhooks");
  expect((await fetch(`${base}/v1/webhooks/${hook.id}`)).status === 404, "it is still there");
});

test("says so when there is no such webhook", { real: true, allow: [/404/] }, async ({ page }) => {
  await page.goto("/webhooks/whk_00000000000000000000000000");
  await page.getByText("There is no such webhook").waitFor();
  await page.getByRole("link", { name: "Go to webhooks" }).click();
  await page.waitForURL("**/webhooks");
});
