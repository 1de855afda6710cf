// A stand-in for the compiler: enough of the language to draw outlines and to find the mistakes the tests make.
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";

const KINDS = ["set", "switch", "for", "fork", "try", "raise", "wait", "call", "do"];

export function check(source) {
  const lines = new LineCounter();
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const diagnostics = [];
  const at = (offset, end) => {
    const from = lines.linePos(offset);
    const to = lines.linePos(end ?? offset + 1);
    return { line: from.line, column: from.col, end_line: to.line, end_column: to.col };
  };
  for (const error of doc.errors) {
    diagnostics.push({ code: "DSL0001", severity: "error", message: error.message, ...at(...error.pos), pointer: "" });
  }
  const value = doc.errors.length > 0 ? null : doc.toJS();
  if (value === null || typeof value !== "object") return { valid: false, diagnostics, outline: null, document: null };
  const report = (node, severity, code, message, pointer, hint) => {
    const range = node?.range ?? [0, 1];
    diagnostics.push({ code, severity, message, hint, ...at(range[0], range[1]), pointer });
  };
  for (const key of ["name", "version", "namespace", "dsl"]) {
    if (value.document?.[key] === undefined) report(doc.get("document", true), "error", "DSL0102", `document.${key} is missing`, "/document");
  }
  const tasks = list(doc.get("do", true), "/do", { at, report });
  return {
    valid: !diagnostics.some((one) => one.severity === "error"),
    diagnostics,
    outline: { tasks },
    document: value.document === undefined ? null : { title: null, ...value.document },
    definition: value,
  };
}

function list(seq, pointer, tools) {
  if (!isSeq(seq)) return [];
  const tasks = seq.items.flatMap((item, index) => {
    if (!isMap(item) || item.items.length === 0) return [];
    const pair = item.items[0];
    const name = String(pair.key.value);
    return [taskOf(name, pair, `${pointer}/${index}/${name}`, tools)];
  });
  const names = new Set(tasks.map((task) => task.name));
  seq.items.forEach((item, index) => {
    const pair = isMap(item) ? item.items[0] : undefined;
    const then = isMap(pair?.value) ? pair.value.get("then", true) : undefined;
    if (then === undefined || ["continue", "exit", "end"].includes(then.value) || names.has(then.value)) return;
    tools.report(then, "error", "DSL0201", `No task in this list is called "${then.value}"`, `${pointer}/${index}/${pair.key.value}/then`, `Known here: ${[...names].join(", ")}`);
  });
  return tasks;
}

function taskOf(name, pair, ref, tools) {
  const map = pair.value;
  const { line, column } = tools.at(pair.key.range[0]);
  const task = { ref, name, kind: "set", detail: "", line, column, then: "continue" };
  if (!isMap(map)) {
    tools.report(pair.key, "error", "DSL0103", `Task "${name}" has no definition`, ref);
    return task;
  }
  const kind = KINDS.find((one) => map.has(one));
  if (kind === undefined) {
    const first = map.items[0]?.key;
    tools.report(first, "error", "DSL0101", `Task "${name}" is of no known kind: "${first?.value}"`, ref, `A task has one of: ${KINDS.join(", ")}`);
    return task;
  }
  const js = JSON.parse(JSON.stringify(map));
  task.kind = kind;
  if (js.if !== undefined) task.if = js.if;
  if (js.then !== undefined) task.then = js.then;
  Object.assign(task, DETAILS[kind](js, map, ref, tools));
  return task;
}

const DETAILS = {
  set: (js) => ({ detail: typeof js.set === "object" ? Object.keys(js.set).join(", ") : String(js.set) }),
  call: (js) => ({ detail: `${String(js.with?.method ?? js.call).toUpperCase()} ${js.with?.endpoint?.uri ?? js.with?.endpoint ?? ""}`, icon: js.call === "http" ? "globe" : undefined }),
  wait: (js) => ({ detail: typeof js.wait === "string" ? js.wait : Object.entries(js.wait).map(([unit, n]) => `${n} ${unit}`).join(" ") }),
  raise: (js) => ({ detail: js.raise.error?.title ?? String(js.raise.error) }),
  do: (_js, map, ref, tools) => {
    const children = list(map.get("do", true), `${ref}/do`, tools);
    return { detail: `${children.length} tasks`, children };
  },
  for: (js, map, ref, tools) => ({ detail: `each ${js.for.each} in ${String(js.for.in).replace(/^\$\{\s*|\s*\}$/g, "")}`, children: list(map.get("do", true), `${ref}/do`, tools) }),
  fork: (js, map, ref, tools) => {
    const branches = list(map.getIn(["fork", "branches"], true), `${ref}/fork/branches`, tools);
    return { detail: js.fork.compete ? "the first wins" : `${branches.length} at once`, compete: js.fork.compete === true, branches };
  },
  try: (js, map, ref, tools) => {
    const limit = js.catch?.retry?.limit?.attempt?.count ?? null;
    return {
      detail: js.catch?.retry === undefined ? "catches errors" : `up to ${limit} retries`,
      children: list(map.get("try", true), `${ref}/try`, tools),
      catch: list(map.getIn(["catch", "do"], true), `${ref}/catch/do`, tools),
      retry: js.catch?.retry === undefined ? undefined : { limit },
    };
  },
  switch: (js) => ({
    detail: `${js.switch.length} cases`,
    cases: js.switch.map((one) => {
      const [name, body] = Object.entries(one)[0];
      return { name, when: body.when ?? null, then: body.then ?? "continue" };
    }),
  }),
};
