// Schedules: made, foreseen, paused, started by hand, filled in, deleted.
import { expectText } from "./support/acts.mjs";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const run = Date.now().toString(36);

async function api(base, method, path, body) {
  const response = await fetch(base + path, { method, headers: { "content-type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  expect(response.ok, `${method} ${path} gave ${response.status}: ${await response.clone().text()}`);
  return response.status === 204 ? null : response.json();
}

const create = (base, id, draft) => api(base, "POST", "/v1/schedules", { id, workflow: names.greet, input: { person: "Ada" }, ...draft });

test("makes a schedule while its next starts appear beside it", { real: true, allow: [/status of 400/], timezoneId: "Europe/Berlin" }, async ({ page, base }) => {
  await page.goto("/schedules");
  await page.getByRole("link", { name: "New schedule" }).first().click();
  await page.getByRole("heading", { name: "New schedule" }).waitFor();
  const preview = page.getByRole("region", { name: "Next starts" });
  await expectText(preview, "On Monday to Friday at 09:00");
  await eventually(async () => (await preview.locator("ol > li").count()) === 8, "eight starts should be foretold");
  await checkAccessible(page, "the form of a new schedule");
  await page.getByRole("combobox", { name: "Workflow" }).selectOption(`default.${names.greet}`);
  await page.getByLabel("Name").fill(`e2e-daily-${run}`);
  await page.getByRole("radio", { name: "Cron" }).click();
  await page.getByLabel("Expression").fill("30 2 * * *");
  await expectText(preview, "At 02:30");
  await page.getByRole("combobox", { name: "Time zone" }).fill("Mars/Olympus");
  await expectText(preview, "there is no time zone");
  await page.getByRole("combobox", { name: "Time zone" }).fill("Europe/Berlin");
  await page.getByRole("button", { name: "Create the schedule" }).click();
  await page.waitForURL(new RegExp(`/schedules/e2e-daily-${run}$`));
  await expectText(page.getByRole("list", { name: "Next starts" }), "02:30:00");
  await checkAccessible(page, "a schedule");
  const made = await api(base, "GET", `/v1/schedules/e2e-daily-${run}`);
  expect(made.timezone === "Europe/Berlin" && made.times[0].cron === "30 2 * * *", "what was typed was not saved");
});

test("says what a day without that hour does to a time", { real: true, timezoneId: "Europe/Berlin" }, async ({ page, base }) => {
  const id = `e2e-gap-${run}`;
  await create(base, id, { timezone: "Europe/Berlin", times: [{ calendar: { dates: ["2027-03-28"], at: "02:30" } }] });
  await page.goto(`/schedules/${id}`);
  await expectText(page.getByRole("list", { name: "Next starts" }), "Clocks jump over 02:30 on this day");
});

// Neither zone has summer time: 09:15 in Tokyo is 05:45 in Kolkata all year.
test("tells the next starts in the zone of who looks", { real: true, timezoneId: "Asia/Kolkata" }, async ({ page, base }) => {
  const id = `e2e-zone-${run}`;
  await create(base, id, { timezone: "Asia/Tokyo", times: [{ calendar: { at: "09:15" } }] });
  await page.goto(`/schedules/${id}`);
  await expectText(page.getByRole("list", { name: "Next starts" }), "05:45:00");
});

test("pauses with a note that everybody reads, and resumes", { real: true }, async ({ page, base }) => {
  const id = `e2e-pause-${run}`;
  await create(base, id, { times: [{ every: "1h" }] });
  await page.goto(`/schedules/${id}`);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: `Pause ${id}?` });
  await checkAccessible(page, "the dialog to pause a schedule");
  await dialog.getByLabel("Why").fill("the warehouse moves");
  await dialog.getByRole("button", { name: "Pause the schedule" }).click();
  await page.getByText("Paused: nothing starts by itself.").waitFor();
  await page.goto("/schedules?q=e2e-pause");
  await expectText(page.locator(`[data-schedule="${id}"]`), "the warehouse moves");
  await checkAccessible(page, "the list of schedules");
  await page.getByRole("button", { name: `More: ${id}` }).click();
  await page.getByRole("menuitem", { name: "Resume" }).click();
  await eventually(async () => !(await api(base, "GET", `/v1/schedules/${id}`)).paused, "it was not resumed");
});

test("starts a schedule by hand and opens the run", { real: true }, async ({ page, base }) => {
  const id = `e2e-trigger-${run}`;
  await create(base, id, { times: [{ every: "1d" }] });
  await page.goto(`/schedules/${id}`);
  await page.getByText("It has not started anything yet.").waitFor();
  await page.getByRole("button", { name: "Start now" }).click();
  await page.locator("[data-entry=started]").waitFor();
  await page.getByRole("button", { name: "Open the run" }).click();
  await page.waitForURL(/\/executions\/exe_/);
});

test("fills in past times after saying how many", { real: true }, async ({ page, base }) => {
  const id = `e2e-fill-${run}`;
  await create(base, id, { times: [{ every: "1h" }] });
  await page.goto(`/schedules/${id}`);
  await page.getByRole("button", { name: `More: ${id}` }).click();
  await page.getByRole("menuitem", { name: "Fill in past times" }).click();
  const dialog = page.getByRole("dialog", { name: `Fill in past times of ${id}` });
  await dialog.getByText("24 runs will start").waitFor();
  await checkAccessible(page, "the dialog to fill in past times");
  await dialog.getByRole("radio", { name: "All at once" }).click();
  await dialog.getByRole("button", { name: "Start 24 runs" }).click();
  await page.getByText("filled in").first().waitFor();
  await eventually(async () => (await api(base, "GET", `/v1/schedules/${id}`)).backfills.length === 0, "the past times were not filled in");
});

test("changes the rules of a schedule", { real: true }, async ({ page, base }) => {
  const id = `e2e-edit-${run}`;
  await create(base, id, { times: [{ calendar: { weekdays: ["MON"], at: ["08:00"] } }] });
  await page.goto(`/schedules/${id}/edit`);
  await page.getByRole("button", { name: "Tue" }).click();
  await expectText(page.getByRole("region", { name: "Next starts" }), "On Monday and Tuesday at 08:00");
  await page.getByRole("combobox", { name: "If a run of it still goes on" }).selectOption("buffer_one");
  await page.getByRole("button", { name: "Add days off" }).click();
  await page.getByLabel("From").fill("2026-12-24");
  await page.getByLabel("To, included").fill("2027-01-01");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(new RegExp(`/schedules/${id}$`));
  await page.getByText("Keep one start for the end").waitFor();
  await page.getByText("2026-12-24 – 2027-01-01").waitFor();
});

test("shows what starts in a week", { real: true, timezoneId: "UTC" }, async ({ page, base }) => {
  await create(base, `e2e-week-a-${run}`, { times: [{ calendar: { at: "09:15" } }] });
  await create(base, `e2e-week-b-${run}`, { times: [{ every: "10m" }] });
  await page.goto("/schedules?view=week&q=e2e-week");
  await page.getByRole("button", { name: "The week after" }).click();
  await eventually(async () => (await page.getByRole("table").getByRole("link", { name: `09:15 e2e-week-a-${run}` }).count()) === 7, "seven starts should stand in the week");
  await expectText(page.getByRole("row", { name: /^Often/ }), `e2e-week-b-${run}`);
  await checkAccessible(page, "the week of schedules");
});

test("deletes a schedule after saying what that means", { real: true }, async ({ page, base }) => {
  const id = `e2e-delete-${run}`;
  await create(base, id, { times: [{ every: "1d" }] });
  await page.goto(`/schedules/${id}`);
  await page.getByRole("button", { name: `More: ${id}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: `Delete ${id}?` });
  await expectText(dialog, "Nothing more starts. Past runs stay.");
  await dialog.getByRole("button", { name: "Delete the schedule" }).click();
  await page.waitForURL(/\/schedules$/);
  await eventually(async () => (await fetch(`${base}/v1/schedules/${id}`)).status === 404, "it is still there");
});

test("shows the schedules of a workflow, that of its document too", { real: true }, async ({ page, base }) => {
  const name = `e2e-own-${run}`;
  const source = `document:\n  dsl: '1.0.3'\n  namespace: default\n  name: ${name}\n  version: '1.0.0'\nschedule:\n  cron: '0 3 * * *'\ndo:\n  - a:\n      set:\n        n: 1\n`;
  await fetch(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: source });
  await page.goto(`/workflows/${name}/triggers`);
  const row = page.locator(`[data-schedule="default.${name}"]`);
  await expectText(row, "At 03:00");
  await expectText(row, "From the document");
  await checkAccessible(page, "the triggers of a workflow with a schedule");
  await row.getByRole("link", { name: `default.${name}` }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByText("The times follow from the document of the workflow.").waitFor();
  await page.getByRole("combobox", { name: "Time zone" }).fill("Asia/Kolkata");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await eventually(async () => /T21:30:00/.test((await api(base, "GET", `/v1/schedules/default.${name}`)).next_at ?? ""), "the time zone was not saved");
});
