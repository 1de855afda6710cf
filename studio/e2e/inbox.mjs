// What people are asked: the inbox, its forms, and the page of a signed link.
import { eventually, checkAccessible, expect, test } from "./support/suite.mjs";

const run = Date.now().toString(36);
const name = `e2e-ask-${run}`;
const source = `document: {dsl: '1.0.3', namespace: default, name: ${name}, version: '1.0.0'}
do:
  - ask:
      call: human.approve
      with:
        title: \${ "Refund \\(.customer)?" }
        text: 'The parcel **never arrived**.'
        data: \${ . }
        assignee: \${ .who }
        decisions: [{id: approve, title: Refund}, {id: reject, title: Reject, style: danger, comment: required, form: false}]
        form:
          type: object
          required: [amount]
          properties:
            amount: {type: number, minimum: 1, maximum: 500, title: Amount}
            day: {type: string, format: date, title: Day}
            receipt: {type: string, format: file, title: Receipt}
  - decide: {switch: [{yes: {when: '.decision == "approve"', then: paid}}, {no: {then: end}}]}
  - paid: {set: '\${ {paid: .values.amount, by: .by, file: .values.receipt.name} }'}
`;

/** Starts a run of the workflow and waits until its question is there. */
async function ask(base, customer, who) {
  const published = await fetch(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: source });
  expect(published.ok, `the workflow was refused: ${published.status}`);
  const started = await (await fetch(`${base}/v1/workflows/${name}/executions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ customer, who }) })).json();
  let task;
  await eventually(async () => (task = (await (await fetch(`${base}/v1/tasks?execution=${started.id}`)).json()).items[0]) !== undefined, "nobody was asked");
  return { execution: started.id, task };
}

const outputOf = async (base, execution) => (await (await fetch(`${base}/v1/executions/${execution}`)).json()).output;
const linkTo = async (base, task) => {
  const made = await (await fetch(`${base}/v1/tasks/${task.id}/links`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).json();
  return new URL(made.url).pathname;
};

test("answers a question of a run, from the run", { real: true, allow: [/status of 400/] }, async ({ page, base }) => {
  const who = `ana-${run}`;
  const { execution, task } = await ask(base, "Ada", who);
  await page.goto(`/executions/${execution}`);
  await page.getByText(`waits for ${who} to answer`).waitFor();
  await page.getByRole("link", { name: "Answer" }).click();
  await page.waitForURL(`**/inbox/${task.id}`);
  await page.getByRole("heading", { name: "Refund Ada?" }).waitFor();
  await page.locator("strong", { hasText: "never arrived" }).waitFor();
  await checkAccessible(page, "an open task");
  await page.getByRole("button", { name: "Refund" }).click();
  await page.getByText("This field is required.").waitFor();
  await page.getByLabel("Amount").fill("900");
  await page.getByRole("button", { name: "Refund" }).click();
  await page.getByText("must be at most 500, it is 900").waitFor();
  await page.getByLabel("Amount").fill("49.5");
  await page.locator('input[type="file"]').setInputFiles({ name: "r.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 x") });
  await page.getByText("r.pdf").waitFor();
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Refund" }).click();
  await page.getByText(`${who} answered: Refund`).waitFor();
  await eventually(async () => (await outputOf(base, execution))?.paid === 49.5, "the run did not go on with the answer");
  expect((await outputOf(base, execution)).file === "r.pdf", "the file is not named in the output");
});

test("counts what waits, goes along it by keyboard, and asks for a reason", { real: true }, async ({ page, base }) => {
  const who = `bo-${run}`;
  const { task } = await ask(base, "Bo", who);
  await page.goto("/inbox");
  await page.locator("[data-inbox-count]").first().waitFor();
  await page.locator(`[data-human-task="${task.id}"]`).waitFor();
  await checkAccessible(page, "the inbox");
  await page.keyboard.press("j");
  await page.waitForURL("**/inbox/tsk_*");
  await page.goto(`/inbox/${task.id}`);
  await page.getByRole("region", { name: "Your answer" }).getByLabel("Your name").fill("somebody");
  await page.getByText(`This is for ${who}, and you are somebody.`).waitFor();
  await page.getByRole("button", { name: "Take it over" }).click();
  await page.getByText("for somebody, asked").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("h1", { hasText: "Refund Bo?" }).click();
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await page.getByText("Reject needs a reason.").waitFor();
  await page.getByLabel(/^Comment/).fill("Found it.");
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByText("somebody answered: Reject").waitFor();
  await page.goto("/inbox?show=ended");
  await page.locator(`[data-human-task="${task.id}"]`).getByText("Answered").waitFor();
});

test("answers in the inbox on a phone, and nothing is wider than it", { real: true, allow: [/status of 400/], viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ page, base }) => {
  const fits = async (what) => expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is wider than the phone`);
  const { execution, task } = await ask(base, "Dee", `di-${run}`);
  await page.goto("/inbox");
  await page.locator(`[data-human-task="${task.id}"]`).waitFor();
  await fits("the inbox");
  await page.goto(`/inbox/${task.id}`);
  await page.getByLabel("Amount").fill("900");
  await page.getByRole("button", { name: "Refund" }).tap();
  await page.getByText("must be at most 500, it is 900").waitFor();
  await fits("the form with an error");
  await page.getByLabel("Amount").fill("12");
  await page.getByRole("button", { name: "Refund" }).tap();
  await page.getByText("Answered: Refund", { exact: true }).waitFor();
  await fits("an answered task");
  await eventually(async () => (await outputOf(base, execution))?.paid === 12, "the run did not go on with the answer");
});

test("makes a link, and answers by it on a phone without the app around it", { real: true, viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ page, base }) => {
  const who = `cy-${run}`;
  const { execution, task } = await ask(base, "Cy", who);
  await page.goto(`/inbox/${task.id}`);
  await page.getByRole("button", { name: "Link" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const url = await page.locator("[data-task-link]").textContent();
  await page.goto(new URL(url).pathname);
  await page.getByText(`You answer as ${who}.`).waitFor();
  expect((await page.getByRole("navigation").count()) === 0, "the page of a link has navigation");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the phone");
  await checkAccessible(page, "the page of a link");
  await page.getByLabel("Amount").fill("7");
  await page.getByRole("button", { name: "Refund" }).tap();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  await eventually(async () => (await outputOf(base, execution))?.by === who, "the run did not go on with the answer");
  await page.reload();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
});

test("says when a link is not good, and when somebody was quicker", { real: true, allow: [/status of 404/, /status of 409/] }, async ({ page, base }) => {
  const { task } = await ask(base, "Di", `di-${run}`);
  const path = await linkTo(base, task);
  await page.goto(`${path.slice(0, -2)}xx`);
  await page.getByRole("heading", { name: "This link is not good" }).waitFor();
  await page.goto(path);
  await page.getByLabel("Amount").fill("7");
  const answer = { decision: "reject", comment: "No.", by: `di-${run}` };
  const first = await fetch(`${base}/v1/tasks/${task.id}/answer`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(answer) });
  expect(first.status === 200, `the first answer was refused: ${first.status}`);
  await page.getByRole("button", { name: "Refund" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  await page.getByText("reject").waitFor();
});

test("says that nothing waits", { real: true, allow: [/status of 404/] }, async ({ page }) => {
  await page.goto("/inbox?show=mine");
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  await page.getByLabel("Your name").fill(`nobody-${run}`);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Nothing is waiting for you" }).waitFor();
  await page.goto("/inbox/tsk_00000000000000000000000000");
  await page.getByRole("heading", { name: "There is no such task" }).waitFor();
});
