// Reads the list of runs in Chromium while new ones start and end, and prints the figures as one line of JSON:
//   node e2e/list_page.mjs URL WORKFLOW      WORKFLOW is started again and again meanwhile
import { launch, openPage } from "./support/browser.mjs";
import { countTasks, framesWhile, longestTask } from "./support/fluency.mjs";
import { eventually } from "./support/suite.mjs";

const [url, workflow] = process.argv.slice(2);
const PAGES = 20;
const ROWS_A_PAGE = 50;
const ROW_PX = 44;
const READ_MS = 10_000;
const START_EVERY_MS = 50;

const browser = await launch();
const { page, complaints } = await openPage(browser);
await countTasks(page);
await page.goto(`${url}/executions`);
const list = page.getByRole("table");
const rows = page.locator("[data-execution]");
await rows.first().waitFor();

const starts = setInterval(() => void fetch(`${url}/v1/workflows/${workflow}/executions`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }), START_EVERY_MS);
// Down through many pages, as with a wheel.
await longestTask(page);
const scrolling = await framesWhile(page, async () => {
  for (let at = 1; at < PAGES; at++) {
    const top = at * ROWS_A_PAGE * ROW_PX;
    await eventually(async () => (await list.evaluate((area, to) => (area.scrollTo({ top: to }), area.scrollTop), top)) >= top - ROW_PX, `page ${at} did not come`);
  }
});
const scrollTask = await longestTask(page);
// Reading: nothing may move.
const place = () => list.evaluate((area) => {
  const shown = [...area.querySelectorAll("[data-execution]")].map((row) => [row.dataset.execution, row.getBoundingClientRect().top - area.getBoundingClientRect().top]);
  return shown.find(([, top]) => top > 100);
});
const [id] = await place();
const topOf = () => list.evaluate((area, one) => area.querySelector(`[data-execution="${one}"]`)?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY, id);
const before = await topOf();
const reading = await framesWhile(page, () => page.waitForTimeout(READ_MS));
const moved = Math.abs((await topOf()) - before);
const readTask = await longestTask(page);
const told = await page.getByRole("button", { name: /new runs?$/ }).count();
clearInterval(starts);
await browser.close();
if (told === 0) throw new Error("new runs were not told of");
if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("\n")}`);
console.log(JSON.stringify({ scroll_frame: scrolling, scroll_task: scrollTask, read_frame: reading, read_task: readTask, moved }));
