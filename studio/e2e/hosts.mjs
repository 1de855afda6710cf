// The hosts that workflows call: a rule made in the form, a circuit that opens, and somebody who closes it.
import { checkAccessible, eventually, expect, test } from "./support/suite.mjs";

const round = Date.now().toString(36);
const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function ask(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

/** A workflow that calls a host which nobody has. */
async function publishCall(base, name, host) {
  const document = `document: {dsl: 1.0.3, namespace: default, name: ${name}, version: 1.0.0}\ndo:\n  - ask: {call: http, with: {method: get, endpoint: 'http://${host}/'}}\n`;
  await ask(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: document });
}

const run = (base, name) => ask(`${base}/v1/workflows/${name}/executions?wait=20s`, { method: "POST", ...json({}) });

test("makes a rule for a host, sees its circuit open, and closes it", { real: true, allow: [/400/] }, async ({ page, base }) => {
  const host = `shop-${round}.invalid`;
  const name = `e2e-host-${round}`;
  await publishCall(base, name, host);
  await page.goto("/queue");
  await page.getByRole("button", { name: "Add a rule" }).click();
  let dialog = page.getByRole("dialog");
  const save = dialog.getByRole("button", { name: "Save rule" });
  expect(await save.isDisabled(), "a rule for no host could be saved");
  await dialog.getByLabel("Host", { exact: true }).fill("no host");
  await dialog.getByLabel("Calls at once").fill("none");
  await dialog.getByText("A whole number, 1 or more").waitFor();
  await dialog.getByLabel("Calls at once").fill("3");
  await dialog.getByLabel("Failures in a row").fill("2");
  await dialog.getByLabel("Stays open for").fill("1h");
  await checkAccessible(page, "the rule of a host");
  await save.click();
  await dialog.getByText("'no host' is no host").waitFor();
  await dialog.getByLabel("Host", { exact: true }).fill(`*.${host.split(".")[1]}`);
  await save.click();
  await dialog.waitFor({ state: "detached" });
  await page.locator('[data-host-rule="*.invalid"]').getByText("3 at once, opens after 2 failures in a row").waitFor();

  for (let i = 0; i < 2; i += 1) await run(base, name);
  const refused = await run(base, name);
  expect(refused.error?.title === "The circuit to the host is open", `the third call ended with ${JSON.stringify(refused.error)}`);
  const row = page.locator(`[data-host="${host}"]`);
  await row.locator('[data-circuit="open"]').waitFor();
  await row.getByText("Could not be reached").waitFor();
  await row.getByText("0 of 3").waitFor();
  await checkAccessible(page, "the hosts");
  await row.getByRole("button", { name: `Close now: the circuit to ${host}` }).click();
  dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("they are back");
  await dialog.getByRole("button", { name: "Close the circuit" }).click();
  await dialog.waitFor({ state: "detached" });
  await row.locator('[data-circuit="closed"]').waitFor();
  const [act] = (await ask(`${base}/v1/audit?object_kind=host&object_id=${host}`)).items;
  expect(act?.act === "host.close" && act.note === "they are back" && act.who === "studio", `the audit says ${JSON.stringify(act)}`);

  await page.getByRole("button", { name: "Change the rule of *.invalid" }).click();
  dialog = page.getByRole("dialog");
  expect((await dialog.getByLabel("Stays open for").inputValue()) === "1h", "the form does not show the rule");
  await dialog.getByRole("button", { name: "Remove rule" }).click();
  await dialog.waitFor({ state: "detached" });
  await eventually(async () => !(await ask(`${base}/v1/flow/hosts`)).rules.some((one) => one.host === "*.invalid"), "the rule is still there");
});
