// A development stand-in for the server: the REST contract in memory, with made-up data and a live event stream. Never
// part of the product; the browser tests run against it or, with ELEVAITE_URL, against the real one.
//   node mock-server.mjs [port] [--empty] [--no-seed-runs]
import { randomBytes } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { check } from "./mock_dsl.mjs";
import { Execution } from "./mock_engine.mjs";
import { complete, edit, format, hover } from "./mock_language.mjs";

const here = new URL(".", import.meta.url).pathname;
const dist = join(here, "../../dist");
const CSP = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'";
const MIME = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };

export async function startMock({ port = 0, empty = false } = {}) {
  const store = { workflows: new Map(), executions: [], keys: new Map() };
  if (!empty) await seed(store);
  const server = createServer((request, response) => {
    handle(store, request, response).catch((error) => {
      if (!response.headersSent) problem(request, response, error.status ?? 500, error.code ?? "internal", error.message, error.more);
      else response.end();
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) };
}

const CONNECTORS = ["http", "llm"];
function descriptor(name) {
  const { input, output, ...rest } = JSON.parse(readFileSync(join(here, `../../../connectors/${name}/descriptor.json`), "utf8"));
  return { ...rest, input_schema: input, output_schema: output };
}
const LANGUAGE = { edit, complete, hover, format };

/** `namespace.name` is accepted wherever a name is. */
const plain = (name) => name.slice(name.indexOf(".") + 1);

const fail = (status, code, message, more = {}) => Object.assign(new Error(message), { status, code, more });

function problem(request, response, status, code, detail, more = {}) {
  const request_id = `req_${randomBytes(6).toString("hex")}`;
  const titles = { 404: "Not found", 409: "Conflict", 422: "The workflow is not valid", 400: "Not a valid request", 500: "Internal error" };
  response.writeHead(status, { "content-type": "application/problem+json", "x-request-id": request_id });
  response.end(JSON.stringify({ type: `/docs/errors/${code}`, title: titles[status], status, detail, instance: request.url, code, request_id, ...more }));
}

function send(response, status, body) {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": `req_${randomBytes(6).toString("hex")}` });
  response.end(JSON.stringify(body));
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function handle(store, request, response) {
  const url = new URL(request.url, "http://mock");
  const path = url.pathname.split("/").slice(1).map(decodeURIComponent);
  const route = `${request.method} ${path[0]}/${path[1] ?? ""}`;
  if (path[0] === "health") return send(response, 200, { status: "ok" });
  if (path[0] !== "v1") return serveFile(response, url.pathname);
  if (route === "GET v1/system") return send(response, 200, { version: "0.1.0", started_at: new Date().toISOString(), uptime_s: 12, roles: ["gateway", "engine", "worker"], models: { configured: false, base_url: null, default: null } });
  if (route === "GET v1/connectors") return send(response, 200, { items: CONNECTORS.map(descriptor) });
  if (route === "POST v1/dsl" && path[2] in LANGUAGE) return send(response, 200, LANGUAGE[path[2]](JSON.parse(await bodyOf(request))));
  if (route === "GET v1/dsl" && path[2] === "explain") return send(response, 200, { code: path[3], severity: "error", title: "An unknown key", explanation: "A task has exactly one of its **kinds**, such as `wait`.", bad: "wiat: PT5S", good: "wait: PT5S" });
  if (route === "GET v1/dsl") return send(response, 200, JSON.parse(readFileSync(join(here, "fixtures/vocabulary.json"), "utf8")));
  if (route === "POST v1/dsl" && path[2] === "diff") return send(response, 200, { breaking: 0, risky: 0, safe: 0, changes: [] });
  if (route === "POST v1/dsl") {
    const { definition, ...result } = check(await bodyOf(request));
    void definition;
    return send(response, 200, result);
  }
  if (path[1] === "workflows") return workflows(store, request, response, path.slice(2), url);
  if (route === "GET v1/webhooks") return send(response, 200, { items: [], next_cursor: null });
  if (route === "GET v1/flow" && path[2] === "gates") return send(response, 200, { queued: 0, running: 0, items: [] });
  if (route === "GET v1/flow" && path[2] === "hosts") return send(response, 200, { rules: [], items: [] });
  if (route === "GET v1/flow") return send(response, 200, path[2] === undefined ? { workflow: null, rules: {}, updated_at: null, updated_by: "" } : { items: [], next_cursor: null });
  if (route === "GET v1/schedules") return send(response, 200, { items: [], next_cursor: null });
  if (route === "GET v1/tasks" && path[2] === "count") return send(response, 200, { open: 0, is_more: false });
  if (route === "GET v1/tasks") return send(response, 200, { items: [], next_cursor: null });
  if (route === "GET v1/dead-letters") return send(response, 200, { items: [], next_cursor: null });
  if (path[1] === "executions") return executions(store, request, response, path.slice(2), url);
  throw fail(404, "not_found", "There is no such resource");
}

function publish(store, source, at = new Date().toISOString()) {
  const { valid, diagnostics, outline, document, definition } = check(source);
  if (!valid) throw fail(422, "invalid_workflow", "The document has errors", { diagnostics });
  const known = store.workflows.get(document.name) ?? { name: document.name, namespace: document.namespace, versions: [], created_at: at };
  const same = known.versions.find((one) => one.version === document.version);
  if (same !== undefined && same.source === source) return { status: 200, workflow: known };
  if (same !== undefined) {
    const [major, minor, patch] = known.versions.at(-1).version.split(".").map(Number);
    throw fail(409, "version_exists", `Version ${document.version} of ${document.name} exists with other content`, {
      hint: "Published versions never change. Raise document.version.",
      suggested_version: `${major}.${minor}.${patch + 1}`,
    });
  }
  known.versions.push({ version: document.version, source, outline, diagnostics, document, definition, created_at: at });
  known.updated_at = at;
  store.workflows.set(document.name, known);
  return { status: 201, workflow: known };
}

function summary(store, workflow) {
  const latest = workflow.versions.at(-1);
  const runs = store.executions.filter((one) => one.record.workflow === workflow.name);
  const last = runs[0];
  return {
    name: workflow.name,
    namespace: workflow.namespace,
    version: latest.version,
    current_version: latest.version,
    latest_version: latest.version,
    canary: null,
    title: latest.document.title ?? null,
    summary: latest.document.summary ?? null,
    tags: latest.document.tags ?? {},
    versions: workflow.versions.length,
    created_at: workflow.created_at,
    updated_at: workflow.updated_at,
    executions: { total: runs.length, active: runs.filter((one) => !one.ended).length, faulted: runs.filter((one) => one.record.status === "faulted").length },
    last_execution: last === undefined ? null : { id: last.record.id, status: last.status(), created_at: last.record.created_at },
    webhooks: 0,
  };
}

function full(store, workflow, version) {
  const found = version === undefined ? workflow.versions.at(-1) : workflow.versions.find((one) => one.version === version);
  if (found === undefined) throw fail(404, "not_found", `There is no version ${version} of ${workflow.name}`);
  const { source, outline, diagnostics, document } = found;
  return { ...summary(store, workflow), version: found.version, source, format: "yaml", outline, diagnostics, sample_input: document.metadata?.sampleInput ?? null };
}

function page(items, url) {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  return { items: items.slice(from, from + limit), next_cursor: from + limit < items.length ? String(from + limit) : null };
}

async function workflows(store, request, response, [name, part, version], url) {
  const { method } = request;
  if (name === undefined && method === "POST") {
    const { status, workflow } = publish(store, await bodyOf(request));
    return send(response, status, full(store, workflow));
  }
  if (name === undefined) {
    const search = (url.searchParams.get("query") ?? "").toLowerCase();
    const all = [...store.workflows.values()].map((one) => summary(store, one)).filter((one) => `${one.name} ${one.title ?? ""}`.toLowerCase().includes(search));
    return send(response, 200, page(all.sort((a, b) => (b.updated_at > a.updated_at ? 1 : -1)), url));
  }
  const workflow = store.workflows.get(plain(name));
  if (workflow === undefined) throw fail(404, "not_found", `There is no workflow ${name}`);
  if (part === undefined) return send(response, 200, full(store, workflow));
  if (part === "versions" && version !== undefined) return send(response, 200, full(store, workflow, version));
  if (part === "versions") {
    const latest = workflow.versions.at(-1).version;
    return send(response, 200, { items: workflow.versions.map(({ version, created_at }) => ({ version, created_at, latest: version === latest, current: version === latest, canary_percent: null })).reverse() });
  }
  const text = await bodyOf(request);
  const key = request.headers["idempotency-key"];
  const known = store.keys.get(key) ?? start(store, workflow, url.searchParams.get("version"), text === "" ? null : JSON.parse(text), request.headers["x-elevaite-client"] ?? "api");
  if (key !== undefined) store.keys.set(key, known);
  return send(response, 202, view(known));
}

function start(store, workflow, version, input, trigger, speed = 1) {
  const found = version === null ? workflow.versions.at(-1) : workflow.versions.find((one) => one.version === version);
  const record = {
    id: `exe_01${randomBytes(12).toString("hex")}`,
    workflow: workflow.name,
    namespace: workflow.namespace,
    version: found.version,
    status: "pending",
    trigger,
    parent: null,
    created_at: new Date().toISOString(),
    started_at: null,
    finished_at: null,
    duration_ms: null,
    error: null,
    input,
    output: null,
  };
  const execution = new Execution(record, found.outline, found.definition, speed);
  store.executions.unshift(execution);
  execution.done = execution.run();
  return execution;
}

function view(execution) {
  const waiting_for = execution.waiting.map((one) => ({ ...one, task_id: undefined }));
  return { ...execution.record, status: execution.status(), waiting_for, tasks: execution.tasks.slice(0, 1000), tasks_total: execution.tasks.length, events: execution.events.length };
}

async function executions(store, request, response, [id, part], url) {
  if (id === undefined) {
    const { searchParams } = url;
    const statuses = searchParams.get("status")?.split(",");
    const since = searchParams.get("since");
    const workflow = searchParams.get("workflow") && plain(searchParams.get("workflow"));
    const found = store.executions
      .filter((one) => workflow === null || one.record.workflow === workflow)
      .filter((one) => statuses === undefined || statuses.includes(one.status()))
      .filter((one) => since === null || one.record.created_at >= since);
    const { items, next_cursor } = page(found, url);
    return send(response, 200, { items: items.map((one) => ({ ...one.record, status: one.status(), input: undefined, output: undefined })), next_cursor });
  }
  const execution = store.executions.find((one) => one.record.id === id);
  if (execution === undefined) throw fail(404, "not_found", `There is no execution ${id}`);
  if (part === undefined) return send(response, 200, view(execution));
  if (part === "cancel") {
    const { reason } = JSON.parse((await bodyOf(request)) || "{}");
    execution.cancel(reason);
    return send(response, 200, view(execution));
  }
  const after = Number(url.searchParams.get("after") ?? 0);
  if (request.headers.accept?.includes("text/event-stream")) return stream(execution, after, request, response);
  const items = execution.events.filter((event) => event.seq > after).slice(0, Number(url.searchParams.get("limit") ?? 1000));
  const last = items.at(-1)?.seq ?? after;
  return send(response, 200, { items, next_after: last < execution.events.length ? last : null });
}

function stream(execution, from, request, response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const write = (event) => {
    if (event === null) {
      response.end("event: end\ndata: {}\n\n");
      return;
    }
    response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const after = Number(request.headers["last-event-id"] ?? from);
  execution.events.filter((event) => event.seq > after).forEach(write);
  if (execution.ended) return write(null);
  execution.listeners.add(write);
  request.on("close", () => execution.listeners.delete(write));
}

function serveFile(response, path) {
  const file = join(dist, path);
  const found = path !== "/" && existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
  response.writeHead(200, { "content-type": MIME[extname(found)] ?? "application/octet-stream", "content-security-policy": CSP });
  createReadStream(found).pipe(response);
}

async function seed(store) {
  const folders = [join(here, "fixtures"), join(here, "../../src/templates")];
  let hour = 60;
  for (const folder of folders) {
    for (const file of readdirSync(folder).filter((one) => one.endsWith(".yaml") && one !== "blank.yaml")) {
      publish(store, readFileSync(join(folder, file), "utf8"), new Date(Date.now() - hour * 3_600_000).toISOString());
      hour -= 5;
    }
  }
  const nightly = store.workflows.get("nightly-import");
  const names = [...store.workflows.keys()].filter((name) => name !== "reminder");
  const done = [];
  for (let index = 0; index < 90; index++) {
    const workflow = store.workflows.get(names[(index * 3 + (index % 4 === 0 ? 1 : 0)) % names.length]);
    const sample = workflow.versions.at(-1).document.metadata?.sampleInput ?? null;
    const execution = start(store, workflow, null, sample, ["api", "webhook", "studio", "cli"][index % 4], 0.004);
    done.push(execution.done.then(() => age(execution, (90 - index) * 17 * 60_000)));
  }
  await Promise.all(done);
  const reminder = store.workflows.get("reminder");
  start(store, reminder, null, { message: "Time for tea" }, "api", 1000);
  start(store, store.workflows.get("nightly-import"), null, nightly.versions.at(-1).document.metadata.sampleInput, "webhook", 3);
}

/** Makes a quick run look like a slow one of some time ago. */
function age(execution, by) {
  const begun = Date.parse(execution.record.created_at);
  const shift = (iso) => (iso === null || iso === undefined ? iso : new Date(begun - by + (Date.parse(iso) - begun) * 60).toISOString());
  const { record } = execution;
  for (const key of ["created_at", "started_at", "finished_at"]) record[key] = shift(record[key]);
  record.duration_ms = Date.parse(record.finished_at) - Date.parse(record.started_at);
  for (const task of execution.tasks) {
    task.started_at = shift(task.started_at);
    task.finished_at = shift(task.finished_at);
    task.duration_ms = Date.parse(task.finished_at) - Date.parse(task.started_at);
  }
  for (const event of execution.events) event.time = shift(event.time);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const port = Number(process.argv.slice(2).find((one) => /^\d+$/.test(one)) ?? 8000);
  const mock = await startMock({ port, empty: process.argv.includes("--empty") });
  console.log(`mock server at ${mock.url}`);
}
