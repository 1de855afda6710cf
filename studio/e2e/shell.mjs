// The frame: palette, keys, theme, phones, errors.
import { editor, openWorkflow, waitForStatus } from "./support/acts.mjs";
import { names, startRun } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

test("reaches a workflow by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await page.locator("h1").waitFor();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox");
  await box.waitFor();
  await checkAccessible(page, "the palette");
  await page.keyboard.type(names.greet);
  await page.getByRole("option", { name: "Greet a person" }).waitFor();
  await eventually(async () => (await page.getByRole("option").count()) >= 1, "nothing found");
  const options = await page.getByRole("option").allTextContents();
  const at = options.findIndex((text) => text.includes("Greet a person"));
  for (let step = 0; step < at; step++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/workflows/*.${names.greet}`);
  // The dot in the address is none of a file.
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Greet a person" }).waitFor();
});

test("goes about with key sequences and shows them", async ({ page }) => {
  await page.goto("/");
  await page.locator("h1").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.waitForURL("**/executions");
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await page.waitForURL("**/workflows");
  // Whatever key the rail names goes there.
  for (const [key, path] of Object.entries({ q: "queue", k: "webhooks", a: "audit", y: "system" })) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.waitForURL(`**/${path}`);
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("[");
  await page.getByRole("button", { name: "Expand the sidebar" }).waitFor();
});

test("a dialog keeps the focus, and gives it back", async ({ page }) => {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  await page.goto(`/workflows/${names.greet}`);
  const run = page.getByRole("button", { name: "Run", exact: false }).first();
  await run.focus();
  const opener = await focused();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press("Tab");
    // The browser's own bars come between the last and the first.
    const inside = await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null);
    expect(inside, "the focus left the dialog");
  }
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect((await focused()) === opener, `the focus is on "${await focused()}"`);
  // What was opened from a menu goes back to the menu's button.
  await page.goto("/executions?status=faulted");
  await page.getByRole("button", { name: "Views: filters with a name" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Save this view" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Save this view" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect((await focused()) === "Views", `the focus is on "${await focused()}"`);
});

test("turns dark and stays dark", async ({ page }) => {
  await page.goto("/workflows");
  await page.locator("h1").waitFor();
  await page.getByRole("button", { name: "Theme" }).first().click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  expect((await page.locator("html").getAttribute("data-theme")) === "dark", "the theme did not change");
  await page.reload();
  await page.locator("h1").waitFor();
  expect((await page.locator("html").getAttribute("data-theme")) === "dark", "the theme was forgotten");
  await checkAccessible(page, "the workflow list in the dark");
  await openWorkflow(page, names.greet);
  await page.locator('[data-task$="greet"]').first().waitFor();
  await checkAccessible(page, "the workflow page in the dark");
});

test("fits a phone", { viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ page, base }) => {
  const { id } = await startRun(base, names.broken, { amount: 5 });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await page.goto("/workflows");
  await page.locator("h1").waitFor();
  expect(await fits(), "the workflow list is wider than the phone");
  await checkAccessible(page, "the workflow list on a phone");
  const bar = page.getByRole("navigation", { name: "Pages" });
  await bar.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Audit" }).click();
  await page.waitForURL("**/audit");
  expect(await fits(), "the audit is wider than the phone");
  await bar.getByRole("link", { name: "Executions" }).click();
  await page.waitForURL("**/executions");
  await page.locator("[data-execution]").first().waitFor();
  expect(await fits(), "the executions are wider than the phone");
  await page.goto(`/executions/${id}`);
  await waitForStatus(page, "faulted");
  expect(await fits(), "the execution is wider than the phone");
  await page.getByRole("radio", { name: "Details" }).click();
  await page.getByText("Refused on purpose").first().waitFor();
  await page.getByRole("radio", { name: "Graph" }).click();
  await page.locator('[data-task$="refuse"]').waitFor();
  await checkAccessible(page, "an execution on a phone");
  await openWorkflow(page, names.greet);
  await page.getByRole("radio", { name: "Graph" }).click();
  await page.locator('[data-task$="greet"]').first().waitFor();
  expect(await fits(), "the workflow is wider than the phone");
  expect((await editor(page).count()) === 0, "editor and graph share a phone's screen");
});

test("says so when there is nothing at an address", { allow: [/status of 404/] }, async ({ page }) => {
  await page.goto("/no/such/page");
  await page.getByRole("heading", { name: "Nothing here" }).waitFor();
  await page.goto("/executions/exe_doesnotexist");
  await page.getByRole("heading", { name: "There is no such run" }).waitFor();
  await page.goto("/workflows/doesnotexist");
  await page.getByRole("heading", { name: "There is no such workflow", level: 1 }).waitFor();
  await checkAccessible(page, "the page for nothing");
});

test("says when the server is away, and recovers", { allow: [/ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to load/] }, async ({ page, context }) => {
  await page.goto("/workflows");
  await page.getByRole("list", { name: "Workflows" }).waitFor();
  await context.setOffline(true);
  await page.getByRole("searchbox").fill("anything");
  await page.getByText("The server does not answer.").waitFor();
  await context.setOffline(false);
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("The server answers again").waitFor();
});

test("shows a refused request with its id and a way to try again", { allow: [/status of 500/] }, async ({ page }) => {
  let refusals = 0;
  await page.route("**/v1/executions?*", async (route) => {
    if (refusals++ > 0) return route.fallback();
    const body = { type: "/docs/errors/internal", title: "Internal error", status: 500, detail: "The store is busy", code: "internal", request_id: "req_e2e", hint: "Try again in a moment." };
    await route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(body) });
  });
  await page.goto("/executions");
  await page.getByRole("alert").getByText("req_e2e").waitFor();
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await page.locator("[data-execution]").first().waitFor();
});
