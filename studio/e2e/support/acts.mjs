// What a person does, in words the tests can share.
import { eventually, expect } from "./suite.mjs";

export const editor = (page) => page.locator('[data-editor="Workflow source"] .cm-content');

export async function openWorkflow(page, name) {
  await page.goto(`/workflows/${name}`);
  await editor(page).waitFor();
}

/** Selects everything in the editor and types the text over it, as a paste would. */
export async function replaceSource(page, source) {
  await editor(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(source);
}

export async function sourceOf(page, base, name) {
  const response = await page.request.get(`${base}/v1/workflows/${name}`);
  return (await response.json()).source;
}

export const statusPill = (page) => page.locator("header [data-status]").first();

export async function waitForStatus(page, status, withinMs = 20_000) {
  const found = async () => (await statusPill(page).getAttribute("data-status")) === status;
  await eventually(found, `the execution did not become ${status}`, withinMs);
}

export async function runFromDialog(page, input) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Start/ }).waitFor();
  if (input !== undefined) {
    const field = dialog.locator(".cm-content");
    await field.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(JSON.stringify(input));
  }
  await dialog.getByRole("button", { name: /^Start/ }).click();
  await page.waitForURL(/\/executions\/exe_/);
}

export async function expectText(locator, text, message) {
  await eventually(async () => ((await locator.textContent()) ?? "").includes(text), message ?? `"${text}" did not appear`);
  expect(true, "");
}

/** The card of a task in the graph; of a container its header. */
export const card = (page, name) => page.locator(`.canvas [data-task$="/${name}"]`).first();

export const sourceShown = async (page) => (await editor(page).locator(".cm-line").allTextContents()).join("\n");

/** The names of a graph's cards from top to bottom. */
export async function cardsFromTop(page) {
  const placed = await page
    .locator(".canvas [data-task]")
    .evaluateAll((cards) => cards.map((one) => [one.dataset.task.split("/").at(-1), one.getBoundingClientRect().y]));
  return placed.sort((a, b) => a[1] - b[1]).map(([name]) => name);
}

export async function expectCards(page, names) {
  const wanted = names.join(", ");
  let seen = "";
  await eventually(async () => (seen = (await cardsFromTop(page)).join(", ")) === wanted, "").catch(() => {
    throw new Error(`the graph should show ${wanted}, but shows ${seen}`);
  });
}

/** Drags with the pointer, in steps as a hand does. */
export async function drag(page, from, to) {
  const begin = await from.boundingBox();
  const end = typeof to.boundingBox === "function" ? await to.boundingBox() : { ...to, width: 0, height: 0 };
  await page.mouse.move(begin.x + begin.width / 2, begin.y + begin.height / 2);
  await page.mouse.down();
  await page.mouse.move(begin.x + begin.width / 2 + 8, begin.y + begin.height / 2 + 8, { steps: 3 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
  await page.mouse.up();
}
