// Acting on many runs, dead letters, and the audit.
import { waitForStatus } from "./support/acts.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const documentOf = (name, tasks) => `document: {dsl: 1.0.3, namespace: default, name: ${name}, version: 1.0.0}\ndo:\n${tasks}`;

async function begin(base, name, tasks, times = 1) {
  await fetch(`${base}/v1/workflows`, { method: "POST", body: documentOf(name, tasks), headers: { "content-type": "application/yaml" } });
  const ids = [];
  for (let i = 0; i < times; i += 1) {
    const started = await fetch(`${base}/v1/workflows/${name}/executions`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    ids.push((await started.json()).id);
  }
  return ids;
}

const statusOf = async (base, id) => (await (await fetch(`${base}/v1/executions/${id}`)).json()).status;

test("cancels all runs that match, and shows how far it has come", { real: true }, async ({ page, base }) => {
  const ids = await begin(base, "e2e-many", "  - nap: {wait: {hours: 1}}\n", 5);
  await page.goto("/executions?workflow=e2e-many&status=waiting");
  await page.locator(`[data-execution="${ids[0]}"]`).waitFor();
  await page.getByRole("button", { name: "Act on all that match" }).click();
  const dialog = page.getByRole("dialog", { name: "Act on all that match" });
  await dialog.getByText("5 runs match").waitFor();
  await dialog.getByLabel("Act", { exact: true }).selectOption("cancel");
  await dialog.getByLabel("Reason").fill("no longer needed");
  await checkAccessible(page, "the dialog to act on many");
  await dialog.getByRole("button", { name: "Cancel: 5 runs" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/operations/"));
  await page.getByText("5 done").waitFor();
  await page.locator('[data-state="completed"]').waitFor();
  await checkAccessible(page, "an operation");
  await eventually(async () => (await statusOf(base, ids[4])) === "cancelled", "the runs are not cancelled");
  await page.getByRole("link", { name: "Operations" }).first().click();
  await page.getByRole("list", { name: "Operations" }).getByText("no longer needed").waitFor();
  await checkAccessible(page, "the list of operations");
});

test("runs a failed run again from its dead letter, with another input", { real: true }, async ({ page, base }) => {
  const [id] = await begin(base, "e2e-dead", "  - ok: {set: {n: 0}}\n  - check: {set: {third: '${ if .n == 0 then error(\"nothing\") else .n / 3 end }'}}\n");
  await eventually(async () => (await statusOf(base, id)) === "faulted", "the run has not failed");
  await page.goto("/dead-letters?which=failed&workflow=e2e-dead");
  await page.locator(`[data-execution="${id}"]`).click();
  await page.getByRole("heading", { name: "check failed" }).waitFor();
  await checkAccessible(page, "a dead letter");
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"n": 9}');
  await page.getByLabel("Reason").fill("nine it is");
  await page.getByRole("button", { name: "Run with this input" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/executions/"));
  await waitForStatus(page, "completed");
  await page.getByRole("link", { name: "run again from check, with another input" }).waitFor();
});

test("tries all that failed, and all that is parked, again from the dead letters", { real: true }, async ({ page, base }) => {
  const fails = "  - check: {do: [{first: {set: {third: '${ if .n == 0 then error(\"nothing\") else .n / 3 end }'}}}]}\n";
  const failed = await begin(base, "e2e-redriven", `  - ok: {set: {n: 0}}\n${fails}`, 3);
  for (const id of failed) await eventually(async () => (await statusOf(base, id)) === "faulted", "the run has not failed");
  await page.goto("/dead-letters?which=failed&workflow=e2e-redriven");
  await page.locator(`[data-execution="${failed[0]}"]`).waitFor();
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Try all again" }).click();
  await dialog.getByText("3 runs match").waitFor();
  await dialog.getByLabel("Reason").fill("once more");
  await checkAccessible(page, "the dialog to try all again");
  await dialog.getByRole("button", { name: "Try again what failed: 3 runs" }).click();
  await page.getByText("3 done").waitFor();
  await eventually(async () => (await (await fetch(`${base}/v1/executions?workflow=e2e-redriven`)).json()).items.length === 6, "no new run goes on from each");

  const parked = await begin(base, "e2e-parked", "  - call: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:9/'}, metadata: {elevaite: {onError: park}}}\n", 2);
  for (const id of parked) await eventually(async () => (await statusOf(base, id)) === "suspended", "the run is not parked");
  await page.goto("/dead-letters?which=waiting&workflow=e2e-parked");
  await page.locator(`[data-execution="${parked[0]}"]`).waitFor();
  await page.getByRole("button", { name: "Try all again" }).click();
  await dialog.getByText("2 runs match").waitFor();
  await dialog.getByLabel("Act", { exact: true }).selectOption("retry");
  await dialog.getByRole("button", { name: "Retry parked tasks: 2 runs" }).click();
  await page.getByText("2 done").waitFor();
  for (const id of parked) {
    const events = (await (await fetch(`${base}/v1/executions/${id}/events`)).json()).items;
    expect(events.some((event) => event.type === "task.repaired" && event.act === "retry"), "the task was not tried again");
  }
});

test("lists who did what and why", { real: true }, async ({ page, base }) => {
  const [id] = await begin(base, "e2e-audited", "  - nap: {wait: {hours: 1}}\n");
  await fetch(`${base}/v1/executions/${id}/pause`, { method: "POST", body: '{"reason": "have a look"}', headers: { "content-type": "application/json" } });
  await page.goto(`/audit?object=${id}`);
  const row = page.getByRole("list", { name: "Audit" }).getByRole("listitem").first();
  await row.getByText("paused a run").waitFor();
  await row.getByText("have a look").waitFor();
  await checkAccessible(page, "the audit");
  expect((await row.getByRole("link").getAttribute("href")) === `/executions/${id}`, "the entry does not lead to the run");
  const put = (rules) => fetch(`${base}/v1/workflows/e2e-audited/flow`, { method: "PUT", body: JSON.stringify(rules), headers: { "content-type": "application/json" } });
  await put({ concurrency: { limit: 2 } });
  await put({ concurrency: { limit: 5 }, priority: 2 });
  await page.goto("/audit?kind=flow&object=e2e-audited");
  const changes = page.getByRole("list", { name: "Audit" }).getByRole("listitem").first().getByRole("list", { name: "What was changed" });
  await changes.getByText("concurrency.limit").waitFor();
  await changes.getByText("was 2").waitFor();
  await changes.getByText("priority").waitFor();
  await checkAccessible(page, "the audit with changes");
});
