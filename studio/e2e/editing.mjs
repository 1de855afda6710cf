// Changing a workflow on the canvas: every edit is in the text at once, and one history undoes both.
import { card, cardsFromTop, drag, editor, expectCards, expectText, openWorkflow, sourceShown } from "./support/acts.mjs";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

async function openCanvas(page, name = names.greet) {
  await openWorkflow(page, name);
  await card(page, name === names.greet ? "greet" : "done").waitFor();
  await page.locator(".canvas .edge-button").first().waitFor();
}

test("adds a task on an edge, from a list one searches", async ({ page }) => {
  await openCanvas(page);
  await page.locator('.edge-button[aria-label="Add a task here"]').nth(1).click();
  const palette = page.getByRole("dialog", { name: "Add a task" });
  await palette.waitFor();
  await checkAccessible(page, "the list of tasks to add");
  await page.keyboard.type("http");
  await page.getByRole("option", { name: /^HTTP request/ }).waitFor();
  await page.keyboard.press("Enter");
  await card(page, "request").waitFor();
  await expectText(editor(page), "call: http");
  expect((await page.locator(".canvas [data-task]").count()) === 4, "there should be four tasks");
  await eventually(async () => (await card(page, "request").getAttribute("aria-pressed")) === "true", "the new task is not chosen");
});

test("builds and mends by keyboard alone, and takes it all back", async ({ page }) => {
  await openCanvas(page);
  const before = await sourceShown(page);
  await card(page, "prepare").click();
  await page.keyboard.press("a");
  await page.keyboard.type("emit");
  await page.keyboard.press("Enter");
  await expectCards(page, ["prepare", "announce", "pause", "greet"]);
  await eventually(() => card(page, "announce").evaluate((node) => node === document.activeElement), "the new task has no focus");
  await page.keyboard.press("Alt+ArrowDown");
  await expectCards(page, ["prepare", "pause", "announce", "greet"]);
  await page.keyboard.press("F2");
  await page.keyboard.type("stop");
  await page.keyboard.press("Enter");
  await expectCards(page, ["prepare", "pause", "stop", "greet"]);
  await page.keyboard.press("Control+d");
  await expectCards(page, ["prepare", "pause", "stop", "stop2", "greet"]);
  await page.keyboard.press("Delete");
  await expectCards(page, ["prepare", "pause", "stop", "greet"]);
  for (let step = 0; step < 5; step++) await page.keyboard.press("Control+z");
  await expectCards(page, ["prepare", "pause", "greet"]);
  expect((await sourceShown(page)) === before, "undo did not bring the text back");
  await page.keyboard.press("Control+Shift+z");
  await expectCards(page, ["prepare", "announce", "pause", "greet"]);
});

test("drags a task to another place and into a container", async ({ page }) => {
  await openCanvas(page, names.loop);
  await drag(page, card(page, "done"), card(page, "note"));
  await eventually(async () => /do:\n\s+- (done|note)[\s\S]*- (note|done):/.test(await sourceShown(page)), "the task was not moved");
  await page.locator('.canvas [data-task*="eachItem/do/"][data-task$="/done"]').waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator('.canvas [data-task="/do/1/done"]').waitFor();
});

test("drags a new task out of the list to its place", async ({ page }) => {
  await openCanvas(page, names.loop);
  await page.getByRole("button", { name: "Add task" }).click();
  await page.keyboard.type("wait");
  await drag(page, page.getByRole("option", { name: /^Wait/ }), card(page, "note"));
  await page.locator('.canvas [data-task*="eachItem/do/"][data-task$="/pause"]').waitFor();
  expect((await page.getByRole("dialog", { name: "Add a task" }).count()) === 0, "the list is still open");
  await eventually(async () => (await card(page, "pause").getAttribute("aria-pressed")) === "true", "the new task is not chosen");
  await page.keyboard.press("Control+z");
  await card(page, "pause").waitFor({ state: "detached" });
});

const chosen = (page) => page.locator('.canvas [data-task][aria-pressed="true"]').evaluateAll((cards) => cards.map((one) => one.dataset.task.split("/").at(-1)).sort().join(", "));
const expectChosen = (page, wanted) => eventually(async () => (await chosen(page)) === wanted, `${wanted} should be chosen`);

test("chooses several tasks with the pointer and changes them in one step each", async ({ page }) => {
  await openCanvas(page);
  const before = await sourceShown(page);
  await card(page, "prepare").click();
  await card(page, "pause").click({ modifiers: ["Shift"] });
  await expectChosen(page, "pause, prepare");
  await checkAccessible(page, "the graph with several tasks chosen");
  await page.getByRole("toolbar", { name: "The chosen tasks" }).getByRole("button", { name: "Duplicate" }).click();
  await expectCards(page, ["prepare", "pause", "prepare2", "pause2", "greet"]);
  await expectChosen(page, "pause2, prepare2");
  await drag(page, card(page, "pause2"), card(page, "prepare"));
  await eventually(async () => /^(prepare|prepare2), /.test((await cardsFromTop(page)).join(", ")) && (await cardsFromTop(page)).indexOf("pause2") < 3, "the two were not moved together");
  await page.keyboard.press("Delete");
  await expectCards(page, ["prepare", "pause", "greet"]);
  for (let step = 0; step < 3; step++) await page.keyboard.press("Control+z");
  await expectCards(page, ["prepare", "pause", "greet"]);
  expect((await sourceShown(page)) === before, "three steps should take three edits back");
});

test("chooses several tasks by keyboard, and with a rectangle", async ({ page }) => {
  await openCanvas(page);
  await card(page, "prepare").click();
  await page.keyboard.press("Shift+ArrowDown");
  await expectChosen(page, "pause, prepare");
  await page.keyboard.press("Alt+ArrowDown");
  await expectCards(page, ["greet", "prepare", "pause"]);
  await page.keyboard.press("Escape");
  await expectChosen(page, "pause");
  await page.keyboard.press("Control+a");
  await expectChosen(page, "greet, pause, prepare");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expectChosen(page, "");
  const top = await card(page, "greet").boundingBox();
  const below = await card(page, "prepare").boundingBox();
  await page.keyboard.down("Shift");
  await page.mouse.move(top.x - 30, top.y - 6);
  await page.mouse.down();
  await page.mouse.move(below.x + 20, below.y + 20, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expectChosen(page, "greet, prepare");
});

test("copies several tasks, which then lead to one another", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openCanvas(page);
  await card(page, "prepare").click();
  await page.keyboard.press("t");
  await page.keyboard.type("greet");
  await page.keyboard.press("Enter");
  await expectText(editor(page), "then: greet");
  await card(page, "greet").click({ modifiers: ["Shift"] });
  await page.keyboard.press("Control+c");
  await page.getByText("Copied 2 tasks").waitFor();
  await page.keyboard.press("Control+v");
  await card(page, "greet2").waitFor();
  await expectText(editor(page), "then: greet2");
  await expectChosen(page, "greet2, prepare2");
});

test("connects a task, and a case of a choice, by keyboard", async ({ page }) => {
  await openCanvas(page);
  await card(page, "prepare").click();
  await page.keyboard.press("t");
  const ways = page.getByRole("dialog", { name: "Where prepare goes on" });
  await ways.waitFor();
  await checkAccessible(page, "the list of ways on");
  await page.keyboard.type("end the");
  await page.keyboard.press("Enter");
  await eventually(async () => /- prepare:[\s\S]*then: end[\s\S]*- pause:/.test(await sourceShown(page)), "the task does not end the workflow");
  await page.keyboard.press("Shift+A");
  await page.keyboard.type("choose");
  await page.keyboard.press("Enter");
  await card(page, "decide").waitFor();
  await eventually(async () => (await card(page, "decide").getAttribute("aria-pressed")) === "true", "the new task is not chosen");
  await page.keyboard.press("t");
  await page.getByRole("option", { name: /^greet In the case matches/ }).click();
  await eventually(async () => /- matches:\s+when: [^\n]*\n\s+then: greet/.test(await sourceShown(page)), "the case does not lead to the task");
});

test("copies a task as YAML and pastes it, also what comes from elsewhere", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openCanvas(page);
  await card(page, "pause").click();
  await page.keyboard.press("Control+c");
  expect((await page.evaluate(() => navigator.clipboard.readText())).startsWith("- pause:\n"), "the clipboard has no YAML");
  await page.keyboard.press("Control+v");
  await expectCards(page, ["prepare", "pause", "pause2", "greet"]);
  await page.evaluate(() => navigator.clipboard.writeText("- elsewhere:\n    set:\n      from: another window\n"));
  await page.keyboard.press("Control+v");
  await card(page, "elsewhere").waitFor();
  await page.keyboard.press("Control+x");
  await card(page, "elsewhere").waitFor({ state: "detached" });
  await page.evaluate(() => navigator.clipboard.writeText("good day"));
  await page.keyboard.press("Control+v");
  await page.getByText("There is no task to paste").waitFor();
});

test("connects a task to another and takes the connection away", async ({ page }) => {
  await openCanvas(page);
  await card(page, "prepare").hover();
  await drag(page, page.locator('[data-connect$="/prepare"]'), card(page, "greet"));
  await expectText(editor(page), "then: greet");
  await page.locator(".flow-edge-grip").first().waitFor();
  await page.locator(".flow-edge-grip").first().dispatchEvent("click");
  await page.getByRole("button", { name: "Remove this connection" }).click();
  await eventually(async () => !(await sourceShown(page)).includes("then:"), "the connection is still in the text");
});

test("changes nothing while the text cannot be read, and says so", async ({ page }) => {
  await openCanvas(page);
  await editor(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("x: y: z");
  await eventually(async () => /error/.test((await page.getByRole("region", { name: "Problems" }).textContent()) ?? ""), "no problem is reported");
  const before = await sourceShown(page);
  await card(page, "pause").click();
  await page.keyboard.press("Delete");
  await page.getByText("The text has to be mended first").waitFor();
  expect((await sourceShown(page)) === before, "a text that cannot be read was changed");
});

test("shows the canvas on a phone without changing it", { viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ page }) => {
  await openWorkflow(page, names.greet);
  await page.getByRole("radio", { name: "Graph" }).click();
  await card(page, "greet").waitFor();
  expect((await page.locator(".edge-button").count()) === 0, "a phone's canvas should only show");
});

const large = (name, tasks) => {
  const five = (i) => `  - load${i}:
      call: http
      with:
        method: get
        endpoint: http://shop.internal/${i}
  - each${i}:
      for:
        each: item
        in: \${ .items }
      do:
        - note${i}:
            set:
              at: ${i}
        - rest${i}:
            wait:
              seconds: 1
  - done${i}:
      set:
        ok: ${i}
`;
  return `document:\n  dsl: '1.0.3'\n  namespace: default\n  name: ${name}\n  version: '1.0.0'\ndo:\n${Array.from({ length: tasks / 5 }, (_one, i) => five(i)).join("")}`;
};

test("stays quick with 500 tasks", async ({ page }) => {
  await page.goto("/workflows/new?template=blank");
  await editor(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(large("large", 500));
  await page.keyboard.press("Control+Home");
  await card(page, "load0").waitFor({ timeout: 30_000 });
  const drawn = await page.locator(".canvas [data-task]").count();
  expect(drawn < 150, `${drawn} cards are drawn, though only those in sight are needed`);
  await page.locator(".cm-line", { hasText: "endpoint" }).first().click();
  await page.keyboard.press("End");
  const begun = Date.now();
  for (let key = 0; key < 20; key++) await page.keyboard.type("x");
  const took = Date.now() - begun;
  expect(took < 4000, `20 keys took ${took} ms`);
  await expectText(editor(page), "shop.internal/0xxxxxxxxxxxxxxxxxxxx");
});
