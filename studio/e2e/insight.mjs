// What goes on behind a run: the events it waits for, the runs it starts, the version it stands on.
import { expectText, openWorkflow, replaceSource, sourceShown, waitForStatus } from "./support/acts.mjs";
import { startRun } from "./support/fixtures.mjs";
import { checkAccessible, expect, test } from "./support/suite.mjs";

const run = Date.now().toString(36);

async function publish(base, name, version, rest) {
  const source = `document:\n  dsl: '1.0.3'\n  namespace: default\n  name: ${name}\n  version: '${version}'\n${rest}`;
  const response = await fetch(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: source });
  expect(response.ok, `the server refused ${name}: ${response.status}`);
  return name;
}

test("says which event a run waits for, and sends it", { real: true }, async ({ page, base }) => {
  const type = `com.example.paid.${run}`;
  const name = await publish(base, `e2e-listen-${run}`, "1.0.0", `do:\n  - paid:\n      listen:\n        to:\n          one:\n            with:\n              type: ${type}\n`);
  const { id } = await startRun(base, name, {});
  await page.goto(`/executions/${id}`);
  await expectText(page.locator("[role=status]", { hasText: "paid" }), `waits for an event ${type}`);
  await page.getByRole("button", { name: "Send an event" }).click();
  const dialog = page.getByRole("dialog");
  expect((await dialog.getByRole("combobox", { name: "Type" }).inputValue()) === type, "the type is not filled in");
  await checkAccessible(page, "the dialog to send an event");
  await dialog.getByRole("button", { name: "Send an event" }).click();
  await waitForStatus(page, "completed");
});

test("sends an event from anywhere, which starts what waits for it", { real: true }, async ({ page, base }) => {
  const type = `com.example.ordered.${run}`;
  const name = await publish(base, `e2e-on-${run}`, "1.0.0", `schedule:\n  on:\n    one:\n      with:\n        type: ${type}\ndo:\n  - a:\n      set:\n        n: 1\n`);
  await page.goto(`/workflows/${name}/executions`);
  await page.getByText("Nothing has run yet").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("send event");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Send an event" });
  await dialog.getByLabel("Type").fill(type);
  await dialog.getByRole("button", { name: "Send an event" }).click();
  await page.getByRole("row", { name: /Completed.*Event/ }).waitFor();
});

test("leads from a run to the run it started, and back", { real: true }, async ({ page, base }) => {
  const child = await publish(base, `e2e-child-${run}`, "1.0.0", "do:\n  - rest:\n      wait:\n        minutes: 10\n");
  const parent = await publish(base, `e2e-parent-${run}`, "1.0.0", `do:\n  - ask:\n      run:\n        workflow:\n          namespace: default\n          name: ${child}\n          version: '1.0.0'\n`);
  const { id } = await startRun(base, parent, {});
  await page.goto(`/executions/${id}`);
  await page.getByRole("option", { name: /ask/ }).click();
  await page.getByRole("region", { name: "Details" }).getByRole("link", { name: child }).click();
  await expectText(page.locator("h1"), child);
  await page.getByRole("link", { name: "part of another run" }).click();
  await expectText(page.locator("h1"), parent);
  await page.getByRole("link", { name: "the run it started" }).waitFor();
});

test("tells what is new since the version that ran", { real: true }, async ({ page, base }) => {
  const tasks = (name) => `do:\n  - ${name}:\n      set:\n        n: 1\n  - rest:\n      wait:\n        minutes: 10\n`;
  const name = await publish(base, `e2e-versions-${run}`, "1.0.0", tasks("first"));
  const { id } = await startRun(base, name, {});
  await publish(base, name, "1.1.0", tasks("begin"));
  await page.goto(`/executions/${id}`);
  await page.getByRole("button", { name: "new runs get 1.1.0" }).click();
  const dialog = page.getByRole("dialog", { name: "From 1.0.0 to 1.1.0" });
  await dialog.getByText("A task has another name").waitFor();
  await checkAccessible(page, "the comparison of two versions");
  const lines = async (kind) => (await dialog.locator(`[data-line=${kind}]`).allTextContents()).join("\n");
  expect((await lines("gone")).includes("- first:") && (await lines("new")).includes("- begin:"), "the changed lines are not shown");
});

test("moves a run to a newer version, and says why another one stays", { real: true, allow: [/status of 409/] }, async ({ page, base }) => {
  const tasks = (first, wait, last) => `do:\n  - ${first}:\n      set:\n        n: 1\n  - ${wait}:\n      wait:\n        minutes: 10\n  - ${last}:\n      set:\n        n: 2\n`;
  const name = await publish(base, `e2e-move-${run}`, "1.0.0", tasks("first", "rest", "last"));
  const { id } = await startRun(base, name, {});
  await publish(base, name, "1.1.0", tasks("first", "rest", "finish"));
  await page.goto(`/executions/${id}`);
  await page.getByRole("button", { name: "new runs get 1.1.0" }).click();
  const section = page.getByRole("region", { name: "This run" });
  await section.getByRole("button", { name: "Move this run to 1.1.0" }).waitFor();
  await checkAccessible(page, "moving a run");
  await section.getByRole("button", { name: "Move this run to 1.1.0" }).click();
  await page.getByText("The run goes on with 1.1.0").waitFor();
  await page.locator('.canvas [data-task$="/finish"]').waitFor();
  await page.getByText("moved from 1.0.0").waitFor();
  await publish(base, name, "2.0.0", "do:\n  - other:\n      set:\n        n: 1\n");
  await page.reload();
  await page.getByRole("button", { name: "new runs get 2.0.0" }).click();
  await expectText(section, "It stays on its version");
  await section.getByRole("listitem").first().waitFor();
  expect((await section.getByRole("button").count()) === 0, "a run that cannot move has a button to move it");
});

test("compares what one writes with what is published, before it is", { real: true, allow: [/status of 409/] }, async ({ page, base }) => {
  const name = await publish(base, `e2e-draft-${run}`, "1.0.0", "do:\n  - first:\n      set:\n        n: 1\n");
  await openWorkflow(page, name);
  const published = await sourceShown(page);
  await replaceSource(page, published.replace("first:", "begin:"));
  await page.getByRole("button", { name: "Not published" }).click();
  const dialog = page.getByRole("dialog", { name: "From 1.0.0 to your changes" });
  await dialog.getByText("A task has another name").waitFor();
  await expectText(dialog.locator("[data-line=new]").first(), "- begin:");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog", { name: "This version is already published" }).getByText("A task has another name").waitFor();
});
