// Which version starts: tried as a canary, promoted, and rolled back; lists that stay where one reads them.
import { names, startRun } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const json = { "content-type": "application/json" };

async function publish(base, name, version, query = "") {
  const source = `document: {dsl: '1.0.3', namespace: default, name: ${name}, version: '${version}'}\ndo:\n- nap: {wait: {seconds: 600}}\n- say: {set: {version: '${version}'}}\n`;
  const response = await fetch(`${base}/v1/workflows${query}`, { method: "POST", headers: { "content-type": "application/yaml" }, body: source });
  if (!response.ok) throw new Error(await response.text());
}

async function begin(base, name) {
  const response = await fetch(`${base}/v1/workflows/${name}/executions`, { method: "POST", headers: json, body: "{}" });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

test("tries a version as a canary, promotes it, and rolls back", { real: true }, async ({ page, base }) => {
  const name = `e2e-versions-${Date.now().toString(36)}`;
  await publish(base, name, "1.0.0");
  await begin(base, name);
  await publish(base, name, "2.0.0", "?activate=false");
  await page.goto(`/workflows/${name}/versions`);
  const row = (version) => page.locator(`[data-version="${version}"]`);
  await row("1.0.0").getByText("current").waitFor();
  await row("1.0.0").getByText("1 unfinished").waitFor();
  await checkAccessible(page, "the versions of a workflow");

  await page.getByRole("button", { name: "What to do with 2.0.0" }).click();
  await page.getByRole("menuitem", { name: "Try as a canary" }).click();
  const canary = page.getByRole("dialog", { name: "Try 2.0.0" });
  await canary.getByRole("spinbutton").fill("25");
  await canary.getByLabel("When more than this fail").fill("0");
  expect(await canary.getByRole("button", { name: "Start with 25 %" }).isDisabled(), "a bound of nothing could be set");
  await canary.getByLabel("When more than this fail").fill("10");
  await canary.getByLabel("Note").fill("only a test");
  await canary.getByRole("button", { name: "Start with 25 %" }).click();
  await row("2.0.0").getByText("canary 25 %").waitFor();
  const card = page.getByRole("region", { name: "Canary 2.0.0" });
  await card.getByText("stops by itself when more than 10 % fail").waitFor();
  await checkAccessible(page, "a canary");
  await card.getByRole("spinbutton").fill("100");
  await card.getByRole("button", { name: "Set to 100 %" }).click();
  await row("2.0.0").getByText("canary 100 %").waitFor();
  expect((await begin(base, name)).version === "2.0.0", "the canary did not get all new runs");

  await card.getByRole("button", { name: "Promote" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Promote" }).click();
  await row("2.0.0").getByText("current").waitFor();
  await row("1.0.0").getByText("Can move to the current version").waitFor();

  await page.getByRole("button", { name: "What to do with 1.0.0" }).click();
  await page.getByRole("menuitem", { name: "Roll back to this version" }).click();
  const back = page.getByRole("dialog", { name: "Roll back to 1.0.0" });
  await back.getByText("What is under way on 2.0.0 stays on it: 1 run.").waitFor();
  await back.getByRole("region").first().waitFor();
  await back.getByLabel("Note").fill("back again");
  await back.getByRole("button", { name: "Roll back to 1.0.0" }).click();
  await row("1.0.0").getByText("current").waitFor();
  const history = page.getByRole("region", { name: "History" });
  await history.getByText("Rolled back to 1.0.0").waitFor();
  await history.getByText("back again").waitFor();
  expect((await begin(base, name)).version === "1.0.0", "the roll back did not count");

  await row("2.0.0").getByRole("link", { name: "1 unfinished" }).click();
  await page.waitForURL(/find=version%3A2\.0\.0/);
  await eventually(async () => (await page.locator("[data-execution]").count()) === 1, "the run of the version is not listed");
});

test("a list of runs stays where one reads, and tells of new ones", { real: true }, async ({ page, base }) => {
  await startRun(base, names.slow, {});
  await page.goto(`/executions?workflow=${names.slow}`);
  await page.locator("[data-execution]").first().waitFor();
  const shown = () => page.locator("[data-execution]").evaluateAll((all) => all.map((one) => one.dataset.execution));
  const before = await shown();
  const first = await startRun(base, names.slow, {});
  await startRun(base, names.slow, {});
  const fresh = page.getByRole("button", { name: "2 new runs" });
  await fresh.waitFor();
  expect(JSON.stringify(await shown()) === JSON.stringify(before), "the list moved under the eyes");
  await checkAccessible(page, "a list with new runs");
  await fresh.click();
  await eventually(async () => (await shown()).includes(first.id), "the new runs did not come");
  await page.request.post(`${base}/v1/executions/${first.id}/cancel`, { data: {} });
  await page.locator(`[data-execution="${first.id}"] [data-status="cancelled"]`).waitFor();
});

test("saves a view of runs, and takes conditions away", { real: true }, async ({ page }) => {
  await page.goto("/executions?status=waiting");
  await page.getByLabel("Find").fill("version:1.0.0 tag:team=sales");
  await page.keyboard.press("Enter");
  await page.waitForURL(/find=version/);
  await page.getByRole("button", { name: "Without tag:team=sales" }).click();
  await page.waitForURL((url) => url.searchParams.get("find") === "version:1.0.0");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Mine");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.goto("/executions");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Mine" }).click();
  await page.waitForURL((url) => url.searchParams.get("status") === "waiting" && url.searchParams.get("find") === "version:1.0.0");
});

test("compares two runs, and says where they part", { real: true }, async ({ page, base }) => {
  const first = await startRun(base, names.loop, { items: [1, 2] });
  const second = await startRun(base, names.loop, { items: [1, 2, 3] });
  await page.goto(`/executions/${second.id}`);
  await page.getByRole("button", { name: "Compare" }).click();
  const dialog = page.getByRole("dialog", { name: "Compare with another run" });
  await checkAccessible(page, "the choice of another run");
  await dialog.getByRole("listitem").filter({ hasText: first.id }).getByRole("button").click();
  await page.waitForURL(/executions\/compare\?a=/);
  await page.getByText("They part at “eachItem”.").waitFor();
  await page.locator('[data-pair="note"][data-differs="only"]').waitFor();
  await checkAccessible(page, "two runs side by side");
  await page.getByLabel("Only what differs").check();
  await page.getByRole("button", { name: "Swap" }).click();
  await page.waitForURL((url) => url.searchParams.get("a") === second.id);
});

test("shows how the system does, and lets the doctor look", { real: true }, async ({ page }) => {
  await page.goto("/system");
  await page.locator("[data-partition]").first().waitFor();
  await page.getByRole("region", { name: "Partitions" }).getByText("works").first().waitFor();
  await page.getByText("are taken").waitFor();
  await checkAccessible(page, "the system page");
  await page.getByRole("button", { name: "Examine" }).click();
  await page.getByText("Nothing is stuck or lost").waitFor();
});

test("shows an examination that is under way again when the page is loaded anew, and cancels it", { real: true }, async ({ page }) => {
  const one = { id: "abc", state: "running", mend: false, phase: "tables", started_at: new Date().toISOString(), ended_at: null, error: null, healthy: false, indexes: 60, ended: 10000, timers: 1, activities: 0, executions: 3 };
  one.findings = [{ execution: "executions_by_time", problem: "the index executions_by_time is missing", advice: "elevaite doctor --fix makes it", mended: null }];
  one.unseen = [];
  await page.route("**/v1/system/doctor", (route) => route.fulfill({ json: { latest: one } }));
  await page.route("**/v1/system/doctor/abc", (route) => {
    one.state = "cancelled";
    one.ended_at = new Date().toISOString();
    return route.fulfill({ json: one });
  });
  await page.goto("/system");
  const doctor = page.getByRole("region", { name: "Doctor" });
  await doctor.getByText("Examines: the tables.").waitFor();
  await page.reload();
  await doctor.getByText("1 finding").waitFor();
  await doctor.getByText("60 indexes, 10,000 runs that have ended and 3 unfinished runs looked at so far").waitFor();
  expect(await doctor.getByRole("button", { name: "Examine" }).isDisabled(), "a second one could be begun");
  await checkAccessible(page, "an examination that is under way");
  await doctor.getByRole("button", { name: "Cancel" }).click();
  await doctor.getByText("It was cancelled before its end.").waitFor();
  await doctor.getByRole("button", { name: "Mend what can be mended" }).waitFor();
});

test("says how long runs are kept, for this account", { real: true, allow: [/400/] }, async ({ page, base }) => {
  await page.goto("/system");
  const part = page.getByRole("region", { name: "How long runs are kept" });
  await part.locator('[data-kept="completed"]').getByText("as the server says").waitFor();
  await part.getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Completed runs").fill("soon");
  await checkAccessible(page, "how long runs are kept");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("A time from 1h to 3650d, or forever").waitFor();
  await dialog.getByLabel("Completed runs").fill("3650d");
  await dialog.getByLabel("Reason").fill("the contract");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await part.locator('[data-kept="completed"]').getByText("3650d").waitFor();
  await part.locator('[data-kept="completed"]').getByText("as this account says").waitFor();
  const audit = await (await fetch(`${base}/v1/audit?object_kind=retention`)).json();
  expect(audit.items[0]?.act === "retention.change" && audit.items[0].note === "the contract", `the audit says ${JSON.stringify(audit.items[0])}`);
  await part.getByRole("button", { name: "Change" }).click();
  await dialog.getByLabel("Completed runs").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await part.locator('[data-kept="completed"]').getByText("as the server says").waitFor();
});
