// The queue as somebody sees it whose runs wait: which gate holds what, limits set and mended, pauses, and a run that has not begun.
import { waitForStatus } from "./support/acts.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const round = Date.now().toString(36);
const documentOf = (name) => `document: {dsl: 1.0.3, namespace: default, name: ${name}, version: 1.0.0}\ndo:\n  - hold: {listen: {to: {one: {with: {type: 'e2e.queue.${name}'}}}}}\n`;

const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function ask(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

async function publish(base, what) {
  const name = `e2e-${what}-${round}`;
  await ask(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: documentOf(name) });
  return name;
}

const setRules = (base, name, rules) => ask(`${base}/v1/workflows/${name}/flow`, { method: "PUT", ...json(rules) });
const start = async (base, name, input = {}) => (await ask(`${base}/v1/workflows/${name}/executions`, { method: "POST", ...json(input) })).id;
const view = (base, id) => ask(`${base}/v1/executions/${id}`);
const cancel = (base, id) => fetch(`${base}/v1/executions/${id}/cancel`, { method: "POST" });

const queuePage = (name) => `/queue?workflow=${name}`;

test("says which gate each run waits for, and cancels one", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "bill");
  await setRules(base, name, { concurrency: [{ limit: 2 }, { limit: 1, key: "${ .customer }" }] });
  const first = await start(base, name, { customer: 17 });
  const sameKey = await start(base, name, { customer: 17 });
  const other = await start(base, name, { customer: 18 });
  const third = await start(base, name, { customer: 19 });
  await page.goto(queuePage(name));
  const row = (id) => page.locator(`[data-queued="${id}"]`);
  await row(sameKey).getByText("1 of 1 for .customer = 17").waitFor();
  await row(third).getByText("2 of 2 at once are running").waitFor();
  await page.getByLabel("Gates").getByText("2 of 2").waitFor();
  await checkAccessible(page, "the queue");
  await row(third).getByRole("button", { name: /Cancel this run/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("ordered twice");
  await checkAccessible(page, "the dialog to cancel what waits");
  await dialog.getByRole("button", { name: "Cancel the run" }).click();
  await eventually(async () => (await view(base, third)).status === "cancelled", "it still waits");
  expect((await view(base, third)).cancel_reason === "ordered twice", "the reason is not kept");
  await page.goto(`/executions/${third}`);
  await page.getByText("Cancelled before it began").waitFor();
  await page.getByText("ordered twice").waitFor();
  for (const id of [first, other, sameKey]) await cancel(base, id);
});

test("gives all that wait of a key another priority, and cancels all that wait", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "many");
  await setRules(base, name, { concurrency: { limit: 1 }, fairness: { key: ".customer" } });
  const running = await start(base, name);
  const waiting = [await start(base, name, { customer: 1 }), await start(base, name, { customer: 2 }), await start(base, name, { customer: 2 })];
  await page.goto(`${queuePage(name)}&key=2`);
  await page.locator(`[data-queued="${waiting[2]}"]`).waitFor();
  await page.getByRole("button", { name: "Act on all that match" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("2 runs match").waitFor();
  await dialog.getByLabel("Priority").selectOption("1");
  await checkAccessible(page, "the dialog to act on what waits");
  await dialog.getByRole("button", { name: "Change the priority: 2 runs" }).click();
  await page.getByText("2 done").waitFor();
  expect((await view(base, waiting[0])).priority !== 1, "what has another key was changed");
  await page.goto(`/executions?status=queued&workflow=${name}`);
  await page.getByRole("button", { name: "Act on all that match" }).click();
  await dialog.getByText("3 runs match").waitFor();
  await dialog.getByLabel("Act", { exact: true }).selectOption("cancel");
  await dialog.getByRole("button", { name: "Cancel: 3 runs" }).click();
  await page.getByText("3 done").waitFor();
  for (const id of waiting) await eventually(async () => (await view(base, id)).status === "cancelled", "it still waits");
  expect((await view(base, running)).status === "waiting", "what runs was cancelled, too");
  await cancel(base, running);
});

test("rows stay where they are while somebody looks at them", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "steady");
  await setRules(base, name, { concurrency: { limit: 1 } });
  const [running, next, last] = [await start(base, name), await start(base, name), await start(base, name)];
  await page.goto(queuePage(name));
  const rows = page.locator("[data-queued]");
  await eventually(async () => (await rows.count()) === 2, "two runs wait");
  await page.locator(`[data-queued="${last}"]`).hover();
  await cancel(base, running);
  await page.getByText("Has begun, or left").waitFor();
  expect((await rows.count()) === 2 && (await rows.nth(0).getAttribute("data-queued")) === next, "the rows moved under the pointer");
  await page.mouse.move(5, 5);
  await eventually(async () => (await rows.count()) === 1, "what has begun stays when nobody looks");
  for (const id of [next, last]) await cancel(base, id);
});

test("a run that waits says for what, and its page follows it when it begins", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "turn");
  await setRules(base, name, { concurrency: { limit: 1 }, priority: 2 });
  const running = await start(base, name);
  const waits = await start(base, name, { order: 17 });
  await page.goto(`/executions/${waits}`);
  await waitForStatus(page, "queued");
  await page.locator('[data-waits-for="concurrency"]').getByText("1 of 1 at once are running").waitFor();
  await page.getByText("No. 1", { exact: true }).waitFor();
  await checkAccessible(page, "a run that has not begun");
  await cancel(base, running);
  await waitForStatus(page, "waiting");
  await page.locator('.canvas [data-task$="/hold"]').first().waitFor();
  await cancel(base, waits);
});

test("a run whose place a newer one takes leads there", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "newest");
  await setRules(base, name, { concurrency: { limit: 1 }, singleton: { on_second: "cancel_first", key: "${ .document }" } });
  const running = await start(base, name, { document: "a" });
  const old = await start(base, name, { document: "b" });
  const newer = await start(base, name, { document: "b" });
  await page.goto(`/executions/${old}`);
  await waitForStatus(page, "absorbed");
  await checkAccessible(page, "a run that another one stands for");
  await page.getByRole("link", { name: "Open the run that stands for it" }).click();
  await page.waitForURL(`**/executions/${newer}`);
  await waitForStatus(page, "queued");
  await page.goto(`/workflows/${name}/executions`);
  await page.getByText("1 run has not begun yet.").waitFor();
  await page.getByRole("link", { name: "Show the queue" }).click();
  await page.locator(`[data-queued="${newer}"]`).waitFor();
  for (const id of [newer, running]) await cancel(base, id);
});

test("sets limits in the form, has them as JSON, and removes them", { real: true, allow: [/400/] }, async ({ page, base }) => {
  const name = await publish(base, "limits");
  await page.goto(`/workflows/${name}`);
  await page.getByRole("tab", { name: "Limits" }).click();
  const save = page.getByRole("button", { name: "Save limits" });
  const rule = (title) => page.getByRole("checkbox", { name: title });
  await rule("So many at once").check();
  await page.getByLabel("At once", { exact: true }).fill("0");
  await page.getByText("A whole number, 1 or more").waitFor();
  expect(await save.isDisabled(), "a limit of 0 could be saved");
  await page.getByLabel("At once", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Add a limit for a key" }).click();
  await page.getByLabel("For each").fill(".customer |");
  await rule("Priority").check();
  await checkAccessible(page, "the form of limits");
  await save.click();
  // What only the server knows stands at its field.
  await page.getByText("is no jq expression").waitFor();
  expect((await page.getByLabel("For each").getAttribute("aria-invalid")) === "true", "the server's complaint is not at its field");
  await page.getByLabel("For each").fill(".customer");
  await save.click();
  await page.getByText("The limits hold now").waitFor();
  const { rules, updated_by: by } = await ask(`${base}/v1/workflows/${name}/flow`);
  expect(JSON.stringify(rules) === JSON.stringify({ concurrency: [{ limit: 3 }, { limit: 1, key: "${ .customer }" }], priority: 3 }) && by === "studio", `the rules are ${JSON.stringify(rules)} by ${by}`);
  await page.getByRole("radio", { name: "JSON" }).click();
  const text = page.locator(".cm-content");
  await text.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"throttle": {"limit": 5, "period": "1m"}}');
  await page.getByRole("radio", { name: "Form" }).click();
  expect((await page.getByLabel("Starts", { exact: true }).inputValue()) === "5", "the form does not show what the JSON says");
  await save.click();
  await eventually(async () => (await ask(`${base}/v1/workflows/${name}/flow`)).rules.throttle?.limit === 5, "the JSON was not saved");
  await page.getByRole("button", { name: "Remove all limits" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove all limits" }).click();
  await page.getByText("The limits are removed").waitFor();
  expect(Object.keys((await ask(`${base}/v1/workflows/${name}/flow`)).rules).length === 0, "the limits are still there");
});

test("pauses a workflow with a reason, and resumes it from the queue", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "pause");
  const running = await start(base, name);
  await page.goto(`/workflows/${name}/limits`);
  await page.getByRole("button", { name: "Pause this workflow" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Let it go on" }).click();
  await dialog.getByText("go on to their end").waitFor();
  await dialog.getByRole("radio", { name: "Hold it" }).click();
  await dialog.getByText("nothing new begins").waitFor();
  await checkAccessible(page, "the dialog that pauses a workflow");
  await dialog.getByLabel("Reason").fill("their database is down");
  await dialog.getByRole("button", { name: "Pause", exact: true }).click();
  await page.locator(`[data-paused="default.${name}"]`).getByText("their database is down").waitFor();
  await checkAccessible(page, "a workflow that is paused");
  await page.goto(`/executions/${running}`);
  await page.getByText("Its workflow is paused").waitFor();
  await checkAccessible(page, "a run that is held");
  const held = await start(base, name);
  await page.goto(queuePage(name));
  await page.locator(`[data-queued="${held}"]`).getByText("Paused: their database is down").waitFor();
  await page.locator(`[data-pause="${name}"]`).getByRole("button", { name: "Resume" }).click();
  await page.locator(`[data-pause="${name}"]`).waitFor({ state: "detached" });
  await eventually(async () => (await view(base, held)).started_at !== null, "it did not begin when it was resumed");
  for (const id of [held, running]) await cancel(base, id);
});

test("narrows the queue to a key, and finds queued runs among all", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "keys");
  await setRules(base, name, { concurrency: [{ limit: 1, key: "${ .customer }" }] });
  const ids = [];
  for (const customer of ["a", "a", "a", "b", "b"]) ids.push(await start(base, name, { customer }));
  const rows = page.locator("[data-queued]");
  await page.goto(queuePage(name));
  await eventually(async () => (await rows.count()) === 3, "three runs wait");
  await page.locator(`[data-queued="${ids[4]}"]`).getByRole("button", { name: "Only those with .customer = b" }).click();
  await eventually(async () => (await rows.count()) === 1, "the list is not narrowed to the key");
  expect(new URL(page.url()).searchParams.get("key") === "b", "the key is not in the address");
  await checkAccessible(page, "the queue of a key");
  await page.getByRole("searchbox", { name: "Key" }).fill("c");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing of this workflow waits with the key c.").waitFor();
  await page.goto(`/executions?workflow=${name}`);
  await page.getByRole("button", { name: "Status: Any status" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Queued" }).click();
  await eventually(async () => (await rows.count()) === 3, "the runs that wait are not listed");
  expect((await page.getByRole("combobox", { name: "Time" }).count()) === 0, "what has not begun could be asked for by its time");
  for (const id of ids) await cancel(base, id);
});

test("the palette pauses what runs, and resumes what is paused", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "palette");
  await page.goto(`/workflows/${name}/limits`);
  const option = async (typed, label) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /Search workflows/ }).fill(typed);
    return page.getByRole("option", { name: label });
  };
  await page.getByRole("button", { name: "Save limits" }).waitFor();
  await (await option("pause", "Pause this workflow…")).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause", exact: true }).click();
  await page.locator("[data-paused]").waitFor();
  const resume = await option("res", `Resume ${name}`);
  await resume.waitFor();
  expect((await page.getByRole("option", { name: "Pause this workflow" }).count()) === 0, "what is paused could be paused again");
  await resume.click();
  await page.locator("[data-paused]").waitFor({ state: "detached" });
});

test("asks before limits that are not saved are left", { real: true }, async ({ page, base }) => {
  const name = await publish(base, "unsaved");
  await page.goto(`/workflows/${name}/limits`);
  await page.getByRole("checkbox", { name: "So many at once" }).check();
  await page.getByText("Not saved").waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await checkAccessible(page, "the question before work is lost");
  await dialog.getByRole("button", { name: "Stay" }).click();
  expect(await page.getByRole("checkbox", { name: "So many at once" }).isChecked(), "the changes are lost");
  await page.getByRole("link", { name: "Workflows" }).first().click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await page.waitForURL("**/workflows");
});

test("sets the limits of the account, and takes them back", { real: true }, async ({ page, base }) => {
  const before = (await ask(`${base}/v1/flow`)).rules;
  await page.goto("/queue");
  const open = async () => {
    await page.getByRole("button", { name: "Account limits" }).click();
    return page.getByRole("dialog", { name: "Limits of the account" });
  };
  let dialog = await open();
  await dialog.getByLabel("Runs at once").fill("none");
  await dialog.getByText("A whole number, 1 or more").waitFor();
  await dialog.getByLabel("Runs at once").fill("5000");
  await dialog.getByLabel("Waiting at most").fill("200000");
  await checkAccessible(page, "the limits of the account");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const { rules } = await ask(`${base}/v1/flow`);
  expect(rules.concurrency === 5000 && rules.queue?.max === 200000, `the rules are ${JSON.stringify(rules)}`);
  dialog = await open();
  await dialog.getByLabel("Runs at once").fill("");
  await dialog.getByLabel("Waiting at most").fill("");
  await dialog.getByLabel("Weight").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(Object.keys((await ask(`${base}/v1/flow`)).rules).length === 0, "the limits are still there");
  if (Object.keys(before).length > 0) await ask(`${base}/v1/flow`, { method: "PUT", ...json(before) });
});
