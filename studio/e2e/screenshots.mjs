// Takes the documentation's screenshots:  ELEVAITE_URL=http://127.0.0.1:8000 node e2e/screenshots.mjs <folder>
// Whatever workflows and executions the server has are shown; the more of them, the better it looks.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, openPage } from "./support/browser.mjs";
import { startMock } from "./support/mock-server.mjs";

const folder = process.argv[2] ?? "screenshots";
const only = process.argv[3];
const mock = process.env.ELEVAITE_URL === undefined ? await startMock() : null;
const base = (process.env.ELEVAITE_URL ?? mock.url).replace(/\/$/, "");
await mkdir(folder, { recursive: true });

const api = async (path) => (await fetch(base + path)).json();
const newest = async (status) => (await api(`/v1/executions?limit=1&status=${status}`)).items[0]?.id;
const workflows = (await api("/v1/workflows?limit=200")).items;
const size = async (one) => (await api(`/v1/workflows/${encodeURIComponent(one.name)}`)).source.length;
const sizes = await Promise.all(workflows.map(async (one) => [one.name, await size(one)]));
const largest = sizes.sort((a, b) => b[1] - a[1])[0]?.[0];

const pages = { home: "/", workflows: "/workflows", new: "/workflows/new", executions: "/executions" };
if (largest !== undefined) {
  pages.workflow = `/workflows/${encodeURIComponent(largest)}`;
  pages.triggers = `/workflows/${encodeURIComponent(largest)}/triggers`;
}
for (const status of ["completed", "faulted", "waiting", "running"]) {
  const id = await newest(status);
  if (id !== undefined) pages[`execution-${status}`] = `/executions/${id}`;
}
const largestDone = largest === undefined ? undefined : (await api(`/v1/executions?workflow=${encodeURIComponent(largest)}&status=completed&limit=1`)).items[0]?.id;
if (largestDone !== undefined) pages["execution-completed"] = `/executions/${largestDone}`;

const sizesOf = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const browser = await launch();
for (const theme of ["light", "dark"]) {
  for (const [width, viewport] of Object.entries(sizesOf)) {
    const { context, page, complaints } = await openPage(browser, { viewport, colorScheme: theme, deviceScaleFactor: 1 });
    for (const [name, path] of Object.entries(pages)) {
      if (only !== undefined && !new RegExp(only).test(`${name}-${width}-${theme}`)) continue;
      await page.goto(base + path);
      await page.locator("h1").first().waitFor();
      await page.waitForTimeout(/workflow|execution-/.test(name) ? 1400 : 500);
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
    }
    for (const complaint of complaints) console.error(`${theme} ${width}: ${complaint}`);
    await context.close();
  }
}
await browser.close();
mock?.close();
console.log(`screenshots in ${folder}`);
