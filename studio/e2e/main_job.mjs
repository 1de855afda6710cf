// The main job, as a person does it: find, open, break, mend, publish, run, watch, look, run again.
import { editor, expectText, openWorkflow, replaceSource, runFromDialog, sourceOf, waitForStatus } from "./support/acts.mjs";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

test("finds a workflow by searching and opens it", async ({ page }) => {
  await page.goto("/workflows");
  await page.getByRole("searchbox").fill(names.greet);
  const rows = page.getByRole("list", { name: "Workflows" }).getByRole("listitem");
  await eventually(async () => (await rows.count()) === 1, "the search did not narrow the list to one");
  await checkAccessible(page, "the workflow list");
  await page.getByRole("link", { name: "Greet a person" }).click();
  await page.waitForURL(`**/workflows/*.${names.greet}`);
  await editor(page).waitFor();
  await page.locator('[data-task$="greet"]').first().waitFor();
  expect((await page.title()).startsWith("Greet a person"), "the document title names the workflow");
  await checkAccessible(page, "the workflow page");
});

test("says what is wrong while one types, and goes to the place", async ({ page, base }) => {
  await openWorkflow(page, names.greet);
  const good = await sourceOf(page, base, names.greet);
  await replaceSource(page, good.replace("wait:", "wiat:"));
  const problems = page.getByRole("region", { name: "Problems" });
  await problems.getByRole("listitem").first().waitFor();
  await eventually(async () => /\d+ errors?/.test((await problems.textContent()) ?? ""), "the errors are not counted");
  await eventually(async () => (await page.locator(".cm-lintRange-error").count()) > 0, "the place is not marked in the text");
  await problems.getByRole("button", { name: /what it means/ }).first().click();
  const meaning = page.getByRole("dialog", { name: /what it means/ });
  await meaning.getByText("Right", { exact: true }).waitFor();
  await checkAccessible(page, "what a problem means");
  await page.keyboard.press("Escape");
  await problems.getByRole("listitem").first().getByRole("button").first().click();
  await replaceSource(page, good);
  await expectText(problems, "No problems");
});

test("publishes a change as the version the server suggests", { allow: [/status of 409/] }, async ({ page, base }) => {
  await openWorkflow(page, names.greet);
  const before = await sourceOf(page, base, names.greet);
  expect(await page.getByRole("button", { name: /^Publish/ }).isDisabled(), "nothing to publish before a change");
  await replaceSource(page, before.replace("greeting: hello", "greeting: good morning"));
  await page.getByText("Not published").waitFor();
  await page.keyboard.press("Control+s");
  const dialog = page.getByRole("dialog", { name: "This version is already published" });
  await dialog.waitFor();
  await checkAccessible(page, "the version dialog");
  await dialog.getByRole("button", { name: "Publish as 1.0.1" }).click();
  await page.getByText(`Published ${names.greet} 1.0.1`).waitFor();
  await page.getByRole("button", { name: /^Version 1.0.1/ }).waitFor();
  expect((await sourceOf(page, base, names.greet)).includes("version: '1.0.1'"), "the version was not written into the text");
  await page.getByRole("button", { name: /^Version 1.0.1/ }).click();
  await page.getByRole("menuitemradio", { name: /1\.0\.0/ }).click();
  await page.getByText("You are looking at version 1.0.0").waitFor();
});

test("runs it with input, watches it end and looks at an output", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await page.getByRole("button", { name: /^Run/ }).click();
  await checkAccessible(page, "the run dialog");
  await runFromDialog(page, { person: "Grace" });
  await waitForStatus(page, "completed");
  await page.locator('[data-task-row="greet"]').click();
  const details = page.getByRole("region", { name: "Details" });
  await details.getByRole("tab", { name: "Output" }).click();
  await expectText(details.getByRole("group", { name: "Output" }), "Grace");
  await page.locator('.task-card[data-status="completed"]').first().waitFor();
  await checkAccessible(page, "a completed execution");
  await page.getByRole("radio", { name: "Journal" }).click();
  await expectText(page.getByRole("group", { name: "Journal" }), "execution.completed");
});

test("runs it again with the same input, changed", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await page.getByRole("button", { name: /^Run/ }).click();
  await runFromDialog(page, { person: "Grace" });
  await waitForStatus(page, "completed");
  const first = page.url();
  await page.getByRole("button", { name: "Run again" }).click();
  await expectText(page.getByRole("dialog").locator(".cm-content"), "Grace");
  await runFromDialog(page, { person: "Edsger" });
  await eventually(() => page.url() !== first, "no new execution was opened");
  await waitForStatus(page, "completed");
  const details = page.getByRole("region", { name: "Details" });
  await details.getByRole("tab", { name: "Input" }).click();
  await expectText(details.getByRole("group", { name: "Input" }), "Edsger");
});

test("makes a new workflow from an example", async ({ page }) => {
  await page.goto("/workflows/new");
  await checkAccessible(page, "the new workflow page");
  await page.getByRole("link", { name: /Go through a list/ }).click();
  await editor(page).waitFor();
  await expectText(editor(page), "order-totals");
  const text = (await editor(page).innerText()).replace("name: order-totals", `name: ${names.made}`);
  await replaceSource(page, text);
  await expectText(page.getByRole("region", { name: "Problems" }), "No problems");
  await page.getByRole("button", { name: /^Publish/ }).click();
  await page.waitForURL(`**/workflows/*.${names.made}`);
  await page.locator('[data-task$="addUp"]').first().waitFor();
});

test("does not add a version to somebody else's workflow by accident", async ({ page, base }) => {
  const taken = (await sourceOf(page, base, names.loop)).replace("version: '1.0.0'", "version: '7.0.0'");
  await page.goto("/workflows/new?template=blank");
  await replaceSource(page, taken);
  await expectText(page.getByRole("region", { name: "Problems" }), "No problems");
  await page.locator('[data-task$="note"]').first().waitFor();
  await page.getByRole("button", { name: /^Publish/ }).click();
  const dialog = page.getByRole("dialog", { name: `There is already a workflow called ${names.loop}` });
  await dialog.getByRole("button", { name: `Publish as ${names.loop}-2` }).click();
  await page.waitForURL(`**/workflows/*.${names.loop}-2`);
});

test("asks before unpublished changes are lost", async ({ page, base }) => {
  await openWorkflow(page, names.loop);
  await replaceSource(page, (await sourceOf(page, base, names.loop)).replace("finished: true", "finished: 1"));
  await page.getByText("Not published").waitFor();
  await page.getByRole("link", { name: "Executions" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Leave without publishing?" });
  await dialog.getByRole("button", { name: "Stay" }).click();
  await expectText(editor(page), "finished: 1");
  await page.getByRole("link", { name: "Executions" }).first().click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await page.waitForURL("**/executions");
});

test("shows how a workflow is started from outside", async ({ page }) => {
  await page.goto(`/workflows/${names.greet}/triggers`);
  await page.getByRole("link", { name: "Add a webhook" }).waitFor();
  await checkAccessible(page, "the triggers");
  await page.getByRole("radio", { name: "Python" }).click();
  await expectText(page.getByLabel("Start a run with Python"), "urllib.request");
});
