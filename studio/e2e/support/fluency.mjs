// How fluently a page moves: tasks that block its main thread, and the time between its frames.

/** To be called before the page is opened. */
export const countTasks = (page) =>
  page.addInitScript(() => {
    globalThis.tasks = [];
    globalThis.taskWatch = new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map((one) => one.duration)));
    globalThis.taskWatch.observe({ type: "longtask", buffered: true });
  });

/** Of more than 50 ms, since this was asked last; else 0. */
export const longestTask = (page) =>
  page.evaluate(() => {
    globalThis.tasks.push(...globalThis.taskWatch.takeRecords().map((one) => one.duration));
    return Math.max(0, ...globalThis.tasks.splice(0));
  });

/** The longest time between two frames while something is done. */
export async function framesWhile(page, act) {
  await page.evaluate(() => {
    globalThis.frames = [];
    const next = (at) => {
      globalThis.frames?.push(at);
      if (globalThis.frames) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await act();
  return page.evaluate(() => {
    const { frames } = globalThis;
    globalThis.frames = null;
    return Math.max(0, ...frames.slice(1).map((at, index) => at - frames[index]));
  });
}
