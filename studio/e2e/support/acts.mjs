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
