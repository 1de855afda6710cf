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

const pages = { home: "/", workflows: "/workflows", new: "/workflows/new", executions: "/executions", queue: "/queue", schedules: "/schedules" };
const asked = (await api("/v1/tasks?status=open&limit=1")).items?.[0]?.id;
pages.inbox = asked === undefined ? "/inbox" : `/inbox/${asked}`;
for (const { name } of workflows) {
  const { canary } = await api(`/v1/workflows/${encodeURIComponent(name)}/deployment`);
  if (canary) pages.versions = `/workflows/${encodeURIComponent(name)}/versions`;
}
if (largest !== undefined) {
  pages.workflow = `/workflows/${encodeURIComponent(largest)}`;
  pages.limits = `/workflows/${encodeURIComponent(largest)}/limits`;
  pages.triggers = `/workflows/${encodeURIComponent(largest)}/triggers`;
}
for (const status of ["completed", "faulted", "waiting", "running"]) {
  const id = await newest(status);
  if (id !== undefined) pages[`execution-${status}`] = `/executions/${id}`;
}
const largestDone = largest === undefined ? undefined : (await api(`/v1/executions?workflow=${encodeURIComponent(largest)}&status=completed&limit=1`)).items[0]?.id;
if (largestDone !== undefined) pages["execution-completed"] = `/executions/${largestDone}`;

/** What a person does on a page before its picture is taken. */
const acts = {
  editing: async (page) => {
    await page.locator(".canvas .task-card").nth(1).dblclick();
    await page.locator("section [data-field]").first().waitFor();
  },
  adding: async (page) => {
    await page.locator(".canvas .task-card").first().click();
    await page.keyboard.press("a");
    await page.getByRole("combobox").waitFor();
  },
};
if (largest !== undefined) for (const act of Object.keys(acts)) pages[act] = pages.workflow;

const sizesOf = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const browser = await launch();
for (const theme of ["light", "dark"]) {
  for (const [width, viewport] of Object.entries(sizesOf)) {
    const { context, page, complaints } = await openPage(browser, { viewport, colorScheme: theme, deviceScaleFactor: 1 });
    for (const [name, path] of Object.entries(pages)) {
      if (only !== undefined && !new RegExp(only).test(`${name}-${width}-${theme}`)) continue;
      await page.goto(base + path);
      await page.locator("h1").first().waitFor();
      await page.waitForTimeout(/workflow|execution-|ing$/.test(name) ? 1400 : 500);
      // A phone's canvas only shows.
      if (name in acts && width === "phone") continue;
      await acts[name]?.(page);
      if (name in acts) await page.waitForTimeout(700);
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) });
    }
    for (const complaint of complaints) console.error(`${theme} ${width}: ${complaint}`);
    await context.close();
  }
}
await browser.close();
mock?.close();
console.log(`screenshots in ${folder}`);
