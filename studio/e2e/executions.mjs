// Executions that fail, wait, loop and are looked for.
import { expectText, statusPill, waitForStatus } from "./support/acts.mjs";
import { names, startRun } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

test("opens a failed run at the failure", async ({ page, base }) => {
  const { id } = await startRun(base, names.broken, { amount: 5 });
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "faulted");
  await page.getByText("Failed at refuse.").waitFor();
  const details = page.getByRole("region", { name: "Details" });
  await expectText(details.getByRole("heading"), "refuse");
  await expectText(details.getByRole("tabpanel"), "Refused on purpose");
  await checkAccessible(page, "a failed execution");
});

test("says what a run waits for, and cancels it after saying what happens", async ({ page, base }) => {
  const { id } = await startRun(base, names.slow, {});
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "waiting");
  await page.getByText("waits for its timer").waitFor();
  await page.getByRole("button", { name: "Cancel run" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
  await expectText(dialog, "1 active task stops");
  await expectText(dialog, "1 completed task keeps");
  await checkAccessible(page, "the cancel dialog");
  await dialog.getByLabel("Reason").fill("only a test");
  await dialog.getByRole("button", { name: "Cancel the run" }).click();
  await waitForStatus(page, "cancelled");
  await eventually(async () => (await page.getByRole("button", { name: "Cancel run" }).count()) === 0, "an ended run can still be cancelled");
});

test("counts the rounds of a loop and steps through them", async ({ page, base }) => {
  const { id } = await startRun(base, names.loop, { items: [1, 2, 3, 4, 5] });
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "completed");
  await page.getByText("5 rounds").waitFor();
  await page.locator('.task-card[data-task$="note"]').click();
  const details = page.getByRole("region", { name: "Details" });
  await expectText(details, "5 of 5");
  await details.getByRole("button", { name: "Previous round" }).click();
  await expectText(details, "4 of 5");
  await page.keyboard.press("Escape");
});

test("walks the timeline and the graph by keyboard", async ({ page, base }) => {
  const { id } = await startRun(base, names.loop, { items: [1, 2] });
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "completed");
  const timeline = page.getByRole("listbox", { name: "Timeline of the tasks" });
  await timeline.focus();
  await page.keyboard.press("Home");
  await expectText(page.getByRole("region", { name: "Details" }).getByRole("heading"), "eachItem");
  await page.keyboard.press("ArrowLeft");
  await eventually(async () => (await page.locator('[data-task-row="note"]').count()) === 0, "the loop did not fold");
  await page.locator('[data-task$="eachItem"]').focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await expectText(page.getByRole("region", { name: "Details" }).getByRole("heading"), "note");
});

test("filters the list by status and workflow", async ({ page, base }) => {
  await startRun(base, names.broken, { amount: 1 });
  await page.goto("/executions");
  await page.locator("[data-execution]").first().waitFor();
  await checkAccessible(page, "the executions list");
  await page.getByRole("button", { name: "Status" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Failed" }).click();
  await page.keyboard.press("Escape");
  await page.waitForURL(/status=faulted/);
  await page.getByLabel("Workflow", { exact: true }).selectOption(names.broken);
  await page.waitForURL(/workflow=/);
  await eventually(async () => {
    const statuses = await page.locator("[data-execution] [data-status]").evaluateAll((all) => all.map((one) => one.getAttribute("data-status")));
    const links = await page.locator("[data-execution] a").allTextContents();
    return links.length > 0 && links.every((name) => name === names.broken) && statuses.every((status) => status === "faulted");
  }, "the list shows what the filter should hide");
  await page.locator("[data-execution] a").first().click();
  await page.waitForURL(/\/executions\/exe_/);
  await eventually(async () => (await statusPill(page).getAttribute("data-status")) === "faulted", "the failed run did not open");
});

test("keeps up by asking when the event stream is not to be had", { allow: [/status of 503/] }, async ({ page, base }) => {
  const isStream = (route) => route.request().headers().accept === "text/event-stream";
  await page.route("**/events*", (route) => (isStream(route) ? route.fulfill({ status: 503 }) : route.fallback()));
  const { id } = await startRun(base, names.slow, {});
  await page.goto(`/executions/${id}`);
  await page.getByText("Every 2 s").waitFor();
  await page.request.post(`${base}/v1/executions/${id}/cancel`, { data: {} });
  await waitForStatus(page, "cancelled");
});

test("says that a task has not run", async ({ page, base }) => {
  const { id } = await startRun(base, names.slow, {});
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "waiting");
  await page.locator('[data-task$="afterwards"]').click();
  await page.getByText("afterwards has not run yet").waitFor();
  await page.getByRole("button", { name: "Show the whole run" }).click();
  await expectText(page.getByRole("region", { name: "Details" }).getByRole("heading"), "Whole run");
  await page.request.post(`${base}/v1/executions/${id}/cancel`, { data: {} });
});

test("moves with the events of a live run, without a reload", async ({ page, base }) => {
  const { id } = await startRun(base, names.greet, { person: "Ada" });
  let streams = 0;
  page.on("request", (request) => {
    if (/\/events(\?after=\d+)?$/.test(request.url())) streams += 1;
  });
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "completed");
  expect(streams <= 2, `the stream was opened ${streams} times`);
  await page.locator('[data-task-row="greet"]').waitFor();
});

test("shows an ended run as a test, to be saved beside its workflow", { real: true }, async ({ page, base }) => {
  const { id } = await startRun(base, names.loop, { items: [1, 2] });
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "completed");
  await page.getByRole("button", { name: "Save as test" }).click();
  const dialog = page.getByRole("dialog", { name: "This run as a test" });
  await expectText(dialog, `name: run ${id}`);
  await checkAccessible(page, "the test dialog");
  const saved = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  expect((await saved).suggestedFilename().endsWith(".test.yaml"), "the file is not called as tests are");
});
