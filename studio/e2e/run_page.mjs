// Opens the page of one execution in Chromium, as somebody with no cache does, and prints the times as one line of JSON:
//   node e2e/run_page.mjs URL EXECUTION EVENTS
// All are milliseconds. `interactive` is from the navigation until a click on a row of the timeline is seen to have selected it.
import { launch, openPage } from "./support/browser.mjs";
import { countTasks, framesWhile, longestTask } from "./support/fluency.mjs";
import { eventually } from "./support/suite.mjs";

const [url, id, events] = process.argv.slice(2);
const WHEEL_STEPS = 40;
const WHEEL_PX = 400;
const PHONE = { width: 390, height: 844 };
const EVENT = '[role="group"] ol li';

const browser = await launch();
const wide = await measure({}, async (page) => ({
  ...(await opened(page)),
  graph_drawn: await painted(page, ".canvas [data-task]"),
  longest_task_opening: await longestTask(page),
  longest_frame_timeline: await scrolled(page, page.getByRole("listbox")),
  to_events: await viewed(page, "Journal", EVENT),
  longest_frame_events: await scrolled(page, page.locator('[role="group"] ol')),
  to_last_event: await atTheEnd(page),
  to_timeline: await viewed(page, "Timeline", "[data-task-row]"),
  longest_task_in_use: await longestTask(page),
}));
const phone = await measure({ viewport: PHONE }, async (page) => ({
  ...(await opened(page)),
  longest_task_opening: await longestTask(page),
  to_graph: await viewed(page, "Graph", ".canvas [data-task]"),
  to_events: await viewed(page, "Journal", EVENT),
  to_timeline: await viewed(page, "Timeline", "[data-task-row]"),
  longest_task_in_use: await longestTask(page),
}));
await browser.close();
console.log(JSON.stringify({ wide, phone }));

async function measure(options, use) {
  const { context, page, complaints } = await openPage(browser, options);
  await countTasks(page);
  const figures = await use(page);
  await context.close();
  if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("\n")}`);
  return figures;
}

async function opened(page) {
  await page.goto(`${url}/executions/${id}`, { waitUntil: "commit" });
  const rendered = await painted(page, "[data-task-row]");
  const interactive = await page.evaluate(async () => {
    const row = document.querySelectorAll("[data-task-row]")[2];
    row.click();
    // Where there is no room beside, the details take the timeline's place.
    const answered = () => document.querySelector(`#${row.id}[aria-selected=true]`) ?? document.querySelector("[role=radio][aria-checked=true][aria-label=Details]");
    while (answered() === null) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now();
  });
  return { rendered, interactive };
}

/** When the first of what is looked for had been painted, on the page's own clock. */
function painted(page, selector) {
  return page.evaluate(async (wanted) => {
    while (document.querySelector(wanted) === null) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now();
  }, selector);
}

/** From a click on the name of a view until it is painted. */
function viewed(page, name, selector) {
  return page.evaluate(
    async ([label, wanted]) => {
      const begun = performance.now();
      [...document.querySelectorAll("[role=radio]")].find((one) => one.getAttribute("aria-label") === label).click();
      do await new Promise(requestAnimationFrame);
      while (document.querySelector(wanted) === null);
      await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    },
    [name, selector],
  );
}

async function scrolled(page, within) {
  await within.hover({ position: { x: 40, y: 40 } });
  return framesWhile(page, async () => {
    for (let step = 0; step < WHEEL_STEPS; step++) await page.mouse.wheel(0, step % 10 === 9 ? -WHEEL_PX : WHEEL_PX);
  });
}

/** From a jump to the last event until it is there. */
async function atTheEnd(page) {
  const begun = Date.now();
  await page.locator('[role="group"]:has(> ol)').evaluate((area) => area.scrollTo({ top: area.scrollHeight }));
  const last = async () => (await page.locator(EVENT).count()) > 0 && Number(await page.locator(EVENT).last().locator("span").first().textContent()) >= Number(events);
  await eventually(last, "the last event is not shown");
  return Date.now() - begun;
}
