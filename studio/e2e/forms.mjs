// Editing a task in the form that is made from the language's vocabulary and the schema of what it calls.
import { card, editor, expectText, openWorkflow, replaceSource, sourceShown } from "./support/acts.mjs";
import { names } from "./support/fixtures.mjs";
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const form = (page, name) => page.getByRole("region", { name: `Task ${name}` });
const field = (page, path) => page.locator(`[data-field="${path}"]`);

async function openForm(page, workflow, name) {
  await openWorkflow(page, workflow);
  await card(page, name).dblclick();
  await form(page, name).waitFor();
}

const shows = (page, pattern, message) => eventually(async () => pattern.test(await sourceShown(page)), message ?? `the text does not show ${pattern}`);

test("edits a task in its form, and undoes it from the graph", async ({ page }) => {
  await openForm(page, names.greet, "pause");
  const before = await sourceShown(page);
  await field(page, "wait").getByRole("textbox", { name: "Seconds", exact: true }).fill("7");
  await shows(page, /seconds: 7/);
  await field(page, "wait").getByRole("textbox", { name: "Minutes" }).fill("2");
  await shows(page, /minutes: 2/);
  await checkAccessible(page, "the form of a task");
  await card(page, "pause").click();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await eventually(async () => (await sourceShown(page)) === before, "undo did not take the form's edits back");
  await eventually(async () => (await field(page, "wait").getByRole("textbox", { name: "Seconds", exact: true }).inputValue()) === "1", "the form does not follow undo");
});

test("edits names and values, and follows what is written in the text", async ({ page }) => {
  await openForm(page, names.greet, "greet");
  const values = field(page, "set");
  await values.getByRole("textbox", { name: "Value greeting" }).fill("good evening");
  await shows(page, /greeting: good evening/);
  await values.getByRole("button", { name: "Add", exact: true }).click();
  await values.getByRole("textbox", { name: "Name", exact: true }).last().fill("count");
  await values.getByRole("textbox", { name: "Value count" }).waitFor();
  await values.getByRole("textbox", { name: "Value count" }).fill("3");
  await shows(page, /count: 3/);
  await values.getByRole("button", { name: "Remove person" }).click();
  await eventually(async () => !/greet:\n\s+set:\n\s+person/.test(await sourceShown(page)), "the row was not removed");
});

test("adds a field, makes it an expression, and takes it away", async ({ page }) => {
  await openForm(page, names.greet, "greet");
  const panel = form(page, "greet");
  await panel.getByRole("button", { name: "Add field" }).last().click();
  await page.getByRole("menuitem", { name: /^if/ }).click();
  await field(page, "if").getByRole("textbox", { name: "if" }).fill(".person != null");
  await shows(page, /if: \$\{ \.person != null \}/);
  await panel.getByRole("button", { name: "Add field" }).last().click();
  await page.getByRole("menuitem", { name: /^then/ }).click();
  await field(page, "then").getByRole("combobox").selectOption("end");
  await shows(page, /then: end/);
  await field(page, "then").getByRole("button", { name: /how then is written/ }).click();
  await page.getByRole("menuitem", { name: "Remove then" }).click();
  await eventually(async () => !(await sourceShown(page)).includes("then:"), "the field is still in the text");
});

test("has the arguments of what a task calls, with problems at their field", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await card(page, "prepare").click();
  await page.keyboard.press("a");
  await page.keyboard.type("http");
  await page.getByRole("option", { name: /^HTTP request/ }).waitFor();
  await page.keyboard.press("Enter");
  await card(page, "request").waitFor();
  await page.keyboard.press("Enter");
  const panel = form(page, "request");
  await panel.waitFor();
  await field(page, "with/method").getByRole("textbox").fill("post");
  await shows(page, /method: post/);
  await field(page, "with/endpoint").getByRole("button", { name: /how endpoint is written/ }).click();
  await page.getByRole("menuitem", { name: "Expression" }).click();
  await field(page, "with/endpoint").getByRole("textbox", { name: "endpoint" }).fill(".url");
  await shows(page, /endpoint: \$\{ \.url \}/);
  await panel.getByRole("button", { name: "Add to with" }).click();
  await page.getByRole("menuitem", { name: /^body/ }).click();
  await field(page, "with/body").locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("hello: [1, 2]");
  await shows(page, /hello:/);
});

test("has the arguments of a connector by its schema", async ({ page }) => {
  await openWorkflow(page, names.greet);
  await card(page, "prepare").click();
  await page.keyboard.press("a");
  await page.keyboard.type("language model");
  await page.getByRole("option", { name: /^Ask a language model/ }).waitFor();
  await page.keyboard.press("Enter");
  await card(page, "llmGenerate").waitFor();
  await page.keyboard.press("Enter");
  const panel = form(page, "llmGenerate");
  await panel.getByRole("button", { name: "Add field" }).first().click();
  await page.getByRole("menuitem", { name: /^with/ }).click();
  await panel.getByRole("button", { name: "Add to with" }).click();
  await page.getByRole("menuitem", { name: /^temperature/ }).click();
  await field(page, "with/temperature").getByRole("spinbutton").fill("0.4");
  await shows(page, /temperature: 0\.4/);
});

test("shows what is wrong with a task in its form", async ({ page, base }) => {
  const source = (await (await page.request.get(`${base}/v1/workflows/${names.greet}`)).json()).source;
  await openForm(page, names.greet, "pause");
  await replaceSource(page, source.replace("seconds: 1", "seconds: 1\n      then: nowhere"));
  await card(page, "pause").click();
  await expectText(form(page, "pause"), "nowhere");
  await field(page, "then").getByRole("listitem").waitFor();
  await card(page, "pause").locator("xpath=self::*[@data-problem='error']").waitFor();
  await page.keyboard.press("Escape");
  expect((await editor(page).count()) === 1, "the editor is still there");
});

test("completes and explains expressions in a form, and leaves the field by Tab", { real: true }, async ({ page }) => {
  await openForm(page, names.greet, "pause");
  const panel = form(page, "pause");
  await panel.getByRole("button", { name: "Add field" }).last().click();
  await page.getByRole("menuitem", { name: /^if/ }).click();
  const condition = field(page, "if").getByRole("textbox", { name: "if" });
  await condition.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type(".pe");
  const option = field(page, "if").locator(".cm-tooltip-autocomplete").getByRole("option", { name: /^person/ });
  await option.waitFor();
  await page.keyboard.press("Escape");
  await option.waitFor({ state: "detached" });
  expect((await panel.count()) === 1, "Escape closed the form along with the completion list");
  await page.keyboard.press("Control+Space");
  await option.waitFor();
  await checkAccessible(page, "completion in a form");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" | length > 2");
  await shows(page, /if: \$\{ \.person \| length > 2 \}/);
  await condition.getByText("length").hover();
  await field(page, "if").locator(".cm-tooltip-hover .cm-markdown").waitFor();
  await page.keyboard.press("Tab");
  expect((await condition.evaluate((element) => element.getRootNode().activeElement === element)) === false, "Tab stayed in the field");
  await card(page, "greet").click();
  const value = field(page, "set").getByRole("textbox", { name: "Value greeting" });
  await value.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("${ $work");
  await field(page, "set").locator(".cm-tooltip-autocomplete").getByRole("option", { name: /workflow/ }).first().waitFor();
  // Enter is meant for the list only when that has been there for a moment.
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  await page.keyboard.type(".id");
  await shows(page, /greeting: \$\{ \$workflow\.id ?\}/);
});
