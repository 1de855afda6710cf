// Pausing a run, a task that has failed and waits to be repaired, and running again from a task.
import { waitForStatus } from "./support/acts.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const documentOf = (name, tasks) => `document: {dsl: 1.0.3, namespace: default, name: ${name}, version: 1.0.0}\ndo:\n${tasks}`;

const NAPS = documentOf("e2e-naps", "  - nap: {wait: {hours: 1}}\n  - after: {set: {done: true}}\n");
// Nobody listens there: each attempt fails at once.
const PARKS = documentOf(
  "e2e-parks",
  `  - order:
      call: http
      with: {method: get, endpoint: 'http://127.0.0.1:9/'}
      metadata: {elevaite: {onError: park}}
  - after: {set: {order: '\${ .number }'}}
`,
);

async function begin(base, name, source) {
  await fetch(`${base}/v1/workflows`, { method: "POST", body: source, headers: { "content-type": "application/yaml" } });
  const started = await fetch(`${base}/v1/workflows/${name}/executions`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  return (await started.json()).id;
}

test("pauses a run with a click, and resumes it", { real: true }, async ({ page, base }) => {
  const id = await begin(base, "e2e-naps", NAPS);
  await page.goto(`/executions/${id}`);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByText("nothing new begins").waitFor();
  await waitForStatus(page, "suspended");
  await checkAccessible(page, "a paused run");
  await page.getByRole("button", { name: "Resume" }).click();
  await waitForStatus(page, "waiting");
  expect((await page.getByText("nothing new begins").count()) === 0, "the notice of the pause stays");
  await fetch(`${base}/v1/executions/${id}/cancel`, { method: "POST" });
});

test("completes by hand a task that has failed", { real: true }, async ({ page, base }) => {
  const id = await begin(base, "e2e-parks", PARKS);
  await page.goto(`/executions/${id}`);
  await page.getByText("has failed and waits for you").waitFor();
  await page.getByRole("button", { name: "Repair" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Repair order" });
  await dialog.waitFor();
  await checkAccessible(page, "the dialog to repair a task");
  await dialog.getByRole("radio", { name: "Complete" }).click();
  const text = dialog.locator(".cm-content");
  await text.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"number": 42}');
  await dialog.getByLabel("Reason").fill("ordered by phone");
  await dialog.getByRole("button", { name: "Complete" }).click();
  await waitForStatus(page, "completed");
  const view = await (await fetch(`${base}/v1/executions/${id}`)).json();
  await eventually(async () => JSON.stringify(view.output) === '{"order":42}', "the output by hand is not what the run went on with");
  const events = (await (await fetch(`${base}/v1/executions/${id}/events`)).json()).items;
  const act = events.find((event) => event.type === "task.repaired");
  expect(act?.reason === "ordered by phone" && act.by === "studio", "who did it and why is not kept");
});

for (const [act, label, status] of [["skip", "Skip", "completed"], ["fail", "Fail", "faulted"], ["retry", "Try again", "suspended"]]) {
  test(`repairs a task that has failed: ${act}`, { real: true }, async ({ page, base }) => {
    const id = await begin(base, "e2e-parks", PARKS);
    await page.goto(`/executions/${id}`);
    await page.getByText("has failed and waits for you").waitFor();
    await page.getByRole("button", { name: "Repair" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Repair order" });
    await dialog.getByRole("radio", { name: label }).click();
    await dialog.getByLabel("Reason").fill("so it was decided");
    await dialog.getByRole("button", { name: label }).click();
    await eventually(async () => {
      const events = (await (await fetch(`${base}/v1/executions/${id}/events?limit=1000`)).json()).items;
      const repaired = events.find((event) => event.type === "task.repaired");
      const parks = events.filter((event) => event.type === "task.parked").length;
      return repaired?.act === act && repaired.reason === "so it was decided" && parks === (act === "retry" ? 2 : 1);
    }, "the act is not in the journal, or the call was not made again");
    await waitForStatus(page, status);
    await fetch(`${base}/v1/executions/${id}/cancel`, { method: "POST" });
  });
}

const ADDS = documentOf("e2e-adds", "  - first: {set: {amount: 5}}\n  - add: {set: {amount: '${ .amount + 1 }'}}\n");

test("runs again from a task with another input", { real: true }, async ({ page, base }) => {
  const id = await begin(base, "e2e-adds", ADDS);
  await page.goto(`/executions/${id}`);
  await page.locator('[data-task-row="add"]').first().click();
  await page.getByRole("button", { name: "Run again from here" }).click();
  const dialog = page.getByRole("dialog", { name: "Run again from add" });
  await dialog.waitFor();
  await checkAccessible(page, "the dialog to run again from a task");
  const text = dialog.locator(".cm-content");
  await expect((await text.innerText()).includes('"amount": 5'), "the input of the task is not there");
  await text.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"amount": 41}');
  await dialog.getByLabel("Reason").fill("one was missing");
  await dialog.getByRole("button", { name: "Run with this input" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/executions/") && !url.pathname.endsWith(id));
  await waitForStatus(page, "completed");
  const from = page.getByRole("link", { name: "run again from add" });
  expect((await from.getAttribute("href")) === `/executions/${id}`, "the new run does not lead to the one it comes from");
  const view = await (await fetch(`${base}/v1/executions/${page.url().split("/").at(-1)}`)).json();
  expect(view.output.amount === 42 && view.forked_from.reason === "one was missing", "the new run did not go on with the other input");
});
