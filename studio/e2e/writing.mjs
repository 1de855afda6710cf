// Writing the text with the compiler's help.
import { card, editor, expectText, openWorkflow, replaceSource, sourceOf, sourceShown } from "./support/acts.mjs";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

test("completes a task while one types, with its documentation", async ({ page }) => {
  await openWorkflow(page, names.loop);
  await editor(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("  - rest:\nwai");
  const list = page.locator(".cm-tooltip-autocomplete");
  await list.getByRole("option", { name: /^wait/ }).first().waitFor();
  const documentation = page.locator(".cm-completionInfo .cm-markdown");
  await documentation.waitFor();
  const seen = await documentation.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return element.contains(element.getRootNode().elementFromPoint(x + width / 2, y + height / 2));
  });
  expect(seen, "the documentation is hidden behind something");
  await checkAccessible(page, "the completion list");
  await page.keyboard.press("Enter");
  await eventually(async () => /- rest:\n\s+wait:/.test(await sourceShown(page)), "the completion was not put into the text");
  await card(page, "rest").waitFor();
  await eventually(async () => (await card(page, "rest").getAttribute("aria-pressed")) === "true", "the task one is writing is not chosen in the graph");
});

test("explains the word under the pointer", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await page.locator(".cm-line", { hasText: "wait:" }).locator("span", { hasText: "wait" }).first().hover();
  await page.locator(".cm-tooltip-hover .cm-markdown").waitFor();
});

test("formats the text in one step that can be undone", async ({ page, base }) => {
  await openWorkflow(page, names.greet);
  const tidy = await sourceOf(page, base, names.greet);
  const untidy = tidy.replace("        seconds: 1", "        seconds:     1");
  await replaceSource(page, untidy);
  await page.keyboard.press("Shift+Alt+f");
  await eventually(async () => /seconds: 1/.test(await sourceShown(page)), "the text was not formatted");
  await page.keyboard.press("Control+z");
  await eventually(async () => /seconds: {5}1/.test(await sourceShown(page)), "formatting was not undone in one step");
});

test("keeps undo when one looks at another tab in between", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await editor(page).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("# a note\n");
  await page.getByText("Not published").waitFor();
  await page.getByRole("tab", { name: "Triggers" }).click();
  await page.getByRole("heading", { name: "Webhook" }).waitFor();
  await page.getByRole("tab", { name: "Editor" }).click();
  await expectText(editor(page), "# a note");
  await editor(page).click();
  await page.keyboard.press("Control+z");
  await page.getByText("Not published").waitFor({ state: "detached" });
  expect(!(await sourceShown(page)).includes("# a note"), "undo was lost with the tab");
});

test("follows the cursor in the graph, and a search into both", async ({ page }) => {
  await openWorkflow(page, names.loop);
  await card(page, "note").waitFor();
  await page.locator(".cm-line", { hasText: "finished: true" }).click();
  await eventually(async () => (await card(page, "done").getAttribute("aria-pressed")) === "true", "the cursor's task is not chosen in the graph");
  await page.getByRole("button", { name: "Find a task" }).click();
  await page.getByRole("combobox", { name: "Name or content of a task" }).fill("each");
  await checkAccessible(page, "the search of tasks");
  await page.keyboard.press("Enter");
  await eventually(async () => (await card(page, "eachItem").getAttribute("aria-pressed")) === "true", "the found task is not chosen");
  await eventually(async () => ((await page.locator(".cm-activeLine").textContent()) ?? "").includes("eachItem"), "the found task's text is not shown");
});

test("leaves the text by keyboard: Escape, then Tab", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await editor(page).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  const inside = await editor(page).evaluate((element) => element.getRootNode().activeElement === element);
  expect(!inside, "the focus is still in the text");
  await page.keyboard.press("Shift+Tab");
  await eventually(() => editor(page).evaluate((element) => element.getRootNode().activeElement === element), "the way back does not lead into the text");
});
