// A small runner: each test gets a fresh page, and fails on anything the page complained about.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launch, openPage } from "./browser.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tests = [];

/**
 * `allow`: complaints the test provokes on purpose, such as the browser's own line for a 409. `real`: only against the
 * real server, for what the stand-in does not do.
 */
export function test(name, options, body) {
  tests.push({ name, ...(body === undefined ? { body: options, options: {} } : { body, options }) });
}

export async function runTests(base, { only, real }) {
  const browser = await launch();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { name, body, options } of tests) {
    if (only !== undefined && !name.includes(only)) continue;
    const { allow = [], real: needsReal = false, ...context } = options;
    if (needsReal && !real) {
      skipped += 1;
      continue;
    }
    const opened = await openPage(browser, { baseURL: base, ...context });
    allow.forEach(opened.allow);
    opened.page.setDefaultTimeout(10_000);
    try {
      await body({ page: opened.page, base, context: opened.context, complaints: opened.complaints });
      if (opened.complaints.length > 0) throw new Error(`the page complained:\n    ${opened.complaints.join("\n    ")}`);
      passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n  ${String(error.stack ?? error).replaceAll("\n", "\n  ")}`);
      if (process.env.E2E_SHOTS !== undefined) await opened.page.screenshot({ path: `${process.env.E2E_SHOTS}/failed-${failed}.png` });
    }
    await opened.context.close();
  }
  await browser.close();
  return { passed, failed, skipped };
}

/** No serious or critical finding of axe on what the page shows now. Evaluated, not injected: the policy forbids script tags. */
export async function checkAccessible(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  if (serious.length === 0) return;
  const lines = serious.flatMap((one) => [`${one.id}: ${one.help}`, ...one.nodes.slice(0, 4).map((node) => `  ${node.target.join(" ")} ${node.failureSummary?.split("\n")[1] ?? ""}`)]);
  throw new Error(`axe on ${where}:\n    ${lines.join("\n    ")}`);
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export async function eventually(check, message, withinMs = 10_000) {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(message);
}
