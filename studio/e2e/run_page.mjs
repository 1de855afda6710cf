// Opens the page of one execution in Chromium, as somebody with no cache does, and prints the times as one line of JSON:
//   node e2e/run_page.mjs URL EXECUTION EVENTS
// All are milliseconds. `interactive` is from the navigation until a click on a row of the timeline is seen to have selected it.
import { launch, openPage } from "./support/browser.mjs";
import { eventually } from "./support/suite.mjs";

const [url, id, events] = process.argv.slice(2);
const WHEEL_STEPS = 40;
const WHEEL_PX = 400;
const PHONE = { width: 390, height: 844 };

const browser = await launch();
const wide = await measure({}, async (page) => {
  const opened = await open(page);
  return {
    ...opened,
    ...(await scrolled(page, "timeline", page.getByRole("listbox"))),
    ...(await viewed(page, "events", "Journal", '[role="group"] ol li')),
    ...(await scrolled(page, "events", page.locator('[role="group"] ol'))),
    ...(await atTheEnd(page)),
    ...(await viewed(page, "timeline", "Timeline", "[data-task-row]")),
  };
});
const phone = await measure({ viewport: PHONE }, async (page) => {
  const opened = await open(page);
  await page.getByRole("radio", { name: "Timeline" }).click();
  return {
    ...opened,
    ...(await viewed(page, "graph", "Graph", ".canvas [data-task]")),
    ...(await viewed(page, "events", "Journal", '[role="group"] ol li')),
    ...(await viewed(page, "timeline", "Timeline", "[data-task-row]")),
  };
});
await browser.close();
console.log(JSON.stringify({ wide, phone }));

/** With the longest task of the main thread after the page was there, while it was used. */
async function measure(options, use) {
  const { context, page, complaints } = await openPage(browser, options);
  await page.addInitScript(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask", buffered: true });
  });
  const figures = await use(page);
  const longest = await page.evaluate(() => Math.max(0, ...globalThis.tasks));
  await context.close();
  if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("\n")}`);
  return { ...figures, longest_task_in_use: longest };
}

async function open(page) {
  await page.goto(`${url}/executions/${id}`, { waitUntil: "commit" });
  const rendered = await drawn(page, "[data-task-row]");
  const interactive = await page.evaluate(async () => {
    const row = document.querySelectorAll("[data-task-row]")[2];
    row.click();
    while (document.querySelector(`#${row.id}[aria-selected=true]`) === null && matchMedia("(min-width: 1024px)").matches) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now();
  });
  // The graph is drawn by a worker and by what is fetched after the rest.
  if ((page.viewportSize()?.width ?? 0) > 1000) await drawn(page, ".canvas [data-task]");
  const graph = await page.evaluate(() => performance.now());
  await page.waitForTimeout(300);
  const opening = await page.evaluate(() => Math.max(0, ...globalThis.tasks.splice(0)));
  return { rendered, interactive, graph_drawn: graph, longest_task_opening: opening };
}

/** When the first of what is looked for had been painted, on the page's own clock. */
async function drawn(page, selector) {
  await page.locator(selector).first().waitFor({ state: "attached", timeout: 30_000 });
  return page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    return performance.now();
  });
}

/** From a click on the name of a view until it is painted. */
async function viewed(page, what, name, selector) {
  const took = await page.evaluate(
    async ([label, wanted]) => {
      const begun = performance.now();
      [...document.querySelectorAll("[role=radio]")].find((one) => one.getAttribute("aria-label") === label).click();
      do await new Promise(requestAnimationFrame);
      while (document.querySelector(wanted) === null && performance.now() - begun < 30_000);
      return performance.now() - begun;
    },
    [name, selector],
  );
  return { [`to_${what}`]: took };
}

/** The longest time between two frames while the wheel turns. */
async function scrolled(page, what, within) {
  await within.hover({ position: { x: 40, y: 40 } });
  await page.evaluate(() => {
    globalThis.frames = [];
    const next = (at) => {
      globalThis.frames?.push(at);
      if (globalThis.frames) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  for (let step = 0; step < WHEEL_STEPS; step++) await page.mouse.wheel(0, step % 10 === 9 ? -WHEEL_PX : WHEEL_PX);
  const gap = await page.evaluate(() => {
    const { frames } = globalThis;
    globalThis.frames = null;
    return Math.max(0, ...frames.slice(1).map((at, index) => at - frames[index]));
  });
  return { [`longest_frame_${what}`]: gap };
}

/** From a jump to the last event until it is there. */
async function atTheEnd(page) {
  const begun = Date.now();
  await page.locator('[role="group"]:has(> ol)').evaluate((area) => area.scrollTo({ top: area.scrollHeight }));
  const last = async () => Number(await page.locator('[role="group"] ol li').last().locator("span").first().textContent()) >= Number(events);
  await eventually(last, "the last event is not shown");
  return { to_last_event: Date.now() - begun };
}
