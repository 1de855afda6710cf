// A stand-in for the engine: walks an outline, pretends to work, and writes the journal the contract describes.
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Execution {
  constructor(record, outline, definition, speed = 1) {
    this.record = record;
    this.outline = outline;
    this.definition = definition;
    this.speed = speed;
    this.events = [];
    this.tasks = [];
    this.waiting = [];
    this.listeners = new Set();
    this.nextTask = 1;
  }

  emit(type, fields = {}) {
    const event = { seq: this.events.length + 1, time: new Date().toISOString(), type, ...fields };
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }

  get ended() {
    return ["completed", "faulted", "cancelled"].includes(this.record.status);
  }

  async run() {
    const { record } = this;
    record.status = "running";
    record.started_at = new Date().toISOString();
    this.emit("execution.started", { input: record.input });
    try {
      const output = await this.list(this.outline.tasks, record.input, null, null);
      this.end("completed", { output });
    } catch (error) {
      if (error.cancelled) return;
      this.end("faulted", { error: error.error ?? { type: "runtime", title: String(error) } });
    }
  }

  end(status, fields) {
    if (this.ended) return;
    const { record } = this;
    Object.assign(record, fields, { status, finished_at: new Date().toISOString() });
    record.duration_ms = Date.parse(record.finished_at) - Date.parse(record.started_at);
    this.waiting = [];
    this.emit(`execution.${status}`, fields);
    for (const listener of this.listeners) listener(null);
  }

  cancel(reason) {
    for (const task of this.tasks.filter((one) => one.finished_at === null)) this.finish(task, "cancelled");
    this.end("cancelled", { reason });
  }

  status() {
    return this.ended ? this.record.status : this.waiting.length > 0 ? "waiting" : "running";
  }

  async list(tasks, input, parent, iteration) {
    let data = input;
    let index = 0;
    while (index < tasks.length) {
      const task = tasks[index];
      const { output, then } = await this.task(task, data, parent, iteration);
      data = output;
      if (then === "end" || then === "exit") return data;
      const target = tasks.findIndex((one) => one.name === then);
      index = target >= 0 ? target : index + 1;
    }
    return data;
  }

  start(task, input, parent, iteration) {
    const run = {
      id: this.nextTask++,
      parent,
      ref: task.ref,
      name: task.name,
      kind: task.kind,
      status: "running",
      iteration,
      attempts: 0,
      started_at: new Date().toISOString(),
      finished_at: null,
      duration_ms: null,
      input,
      output: null,
      error: null,
      detail: task.detail,
    };
    this.tasks.push(run);
    this.emit("task.started", { ref: run.ref, name: run.name, kind: run.kind, task_id: run.id, parent_id: parent, iteration: iteration ?? undefined, input });
    return run;
  }

  finish(run, status, fields = {}) {
    Object.assign(run, fields, { status, finished_at: new Date().toISOString() });
    run.duration_ms = Date.parse(run.finished_at) - Date.parse(run.started_at);
    this.waiting = this.waiting.filter((one) => one.task_id !== run.id);
    this.emit(`task.${status}`, { ref: run.ref, name: run.name, task_id: run.id, parent_id: run.parent, ...fields });
  }

  async pause(ms) {
    await sleep(ms * this.speed);
    if (this.ended) throw Object.assign(new Error("cancelled"), { cancelled: true });
  }

  async task(task, input, parent, iteration) {
    const run = this.start(task, input, parent, iteration);
    try {
      const { output, then } = await this[task.kind](task, run, input);
      this.finish(run, "completed", { output });
      return { output, then: then ?? task.then };
    } catch (error) {
      if (!error.cancelled && run.finished_at === null) this.finish(run, "faulted", { error: error.error });
      throw error;
    }
  }

  async set(task, _run, input) {
    await this.pause(20);
    const body = this.bodyOf(task)?.set;
    return { output: resolve(body, input) };
  }

  async call(task, run, input) {
    const attempts = /fail|flaky|no-such/.test(JSON.stringify(task.detail) + JSON.stringify(input ?? "")) ? 3 : 1;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      run.attempts = attempt;
      const ids = { ref: run.ref, name: run.name, task_id: run.id };
      this.emit("activity.scheduled", { ...ids, attempt, connector: "http", request: { method: task.detail.split(" ")[0], endpoint: task.detail.split(" ")[1], headers: { accept: "application/json" } } });
      await this.pause(250 + 400 * Math.random());
      if (attempt === attempts && !/always-fail|no-such/.test(task.detail + JSON.stringify(input ?? ""))) break;
      const error = { type: "https://open-workflow-specification.org/spec/1.0.0/errors/communication", status: 503, title: "Service Unavailable", detail: `${task.detail} answered 503`, instance: run.ref };
      this.emit("activity.failed", { ...ids, attempt, error });
      if (attempt === attempts) throw Object.assign(new Error("failed"), { error });
      const due = new Date(Date.now() + 700 * attempt).toISOString();
      this.emit("retry.scheduled", { ...ids, attempt, due, error });
      this.wait_for(run, "retry", due);
      await this.pause(700 * attempt);
      this.waiting = this.waiting.filter((one) => one.task_id !== run.id);
      run.status = "running";
    }
    return { output: { status: "ok", at: new Date().toISOString(), items: [{ id: 1, name: "Widget", price: 19.5, tags: ["new", "blue"] }, { id: 2, name: "Gear", price: 4, tags: [] }], page: { next: null, size: 2 } } };
  }

  wait_for(run, reason, until) {
    run.status = "waiting";
    this.waiting.push({ task_id: run.id, ref: run.ref, name: run.name, reason, since: new Date().toISOString(), until, detail: null });
  }

  async wait(task, run, input) {
    const seconds = Number(/(\d+) seconds/.exec(task.detail)?.[1] ?? 60);
    const due = new Date(Date.now() + seconds * 1000).toISOString();
    this.wait_for(run, "timer", due);
    this.emit("timer.set", { ref: run.ref, name: run.name, task_id: run.id, due });
    await this.pause(seconds * 1000);
    this.emit("timer.fired", { ref: run.ref, name: run.name, task_id: run.id });
    return { output: input };
  }

  async raise(task, run) {
    const raised = this.bodyOf(task)?.raise?.error ?? {};
    throw Object.assign(new Error("raised"), { error: { instance: run.ref, ...raised } });
  }

  async switch(task, _run, input) {
    const amount = Number(input?.amount ?? 0);
    const cases = task.cases ?? [];
    const chosen = cases.find((one) => one.when !== null && new RegExp("amount < (\\d+)").test(one.when) && amount < Number(/< (\d+)/.exec(one.when)[1])) ?? cases.find((one) => one.when === null);
    await this.pause(10);
    this.emit("switch.matched", { ref: task.ref, case: chosen?.name, then: chosen?.then });
    return { output: input, then: chosen?.then };
  }

  async do(task, run, input) {
    return { output: await this.list(task.children, input, run.id, null) };
  }

  async for(task, run, input) {
    const items = Object.values(input ?? {}).find(Array.isArray) ?? [1, 2, 3];
    let data = input;
    for (let index = 0; index < items.length; index++) {
      this.emit("loop.advanced", { ref: run.ref, task_id: run.id, index });
      data = await this.list(task.children, data, run.id, index);
    }
    return { output: data };
  }

  async fork(task, run, input) {
    const outputs = await Promise.all(task.branches.map((branch) => this.task(branch, input, run.id, null)));
    return { output: outputs.map((one) => one.output) };
  }

  async try(task, run, input) {
    try {
      return { output: await this.list(task.children, input, run.id, null) };
    } catch (error) {
      if (error.cancelled || task.catch.length === 0) throw error;
      this.emit("error.caught", { ref: run.ref, task_id: run.id, error: error.error });
      return { output: await this.list(task.catch, input, run.id, null) };
    }
  }

  bodyOf(task) {
    return task.ref
      .split("/")
      .slice(1)
      .reduce((node, key) => node?.[key], this.definition);
  }
}

/** Answers the simplest expressions only: a path, or text as it is. */
function resolve(value, input) {
  if (typeof value === "string") {
    const path = /^\$\{\s*\.(\w*)\s*\}$/.exec(value);
    if (path !== null) return path[1] === "" ? input : (input?.[path[1]] ?? null);
    return value.startsWith("${") ? `(${value.slice(2, -1).trim()})` : value;
  }
  if (Array.isArray(value)) return value.map((one) => resolve(one, input));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, input)]));
  return value;
}
