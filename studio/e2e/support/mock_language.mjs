// A stand-in for the compiler as a helper: typed edits, completion, hover, format and the vocabulary, with the shapes of the contract.
import { isMap, isSeq, parseDocument } from "yaml";
import { check } from "./mock_dsl.mjs";

const WIDE = { lineWidth: 0 };
const fail = (code, detail) => Object.assign(new Error(detail), { status: 422, code });

const pathOf = (pointer) =>
  pointer
    .split("/")
    .slice(1)
    .map((one) => one.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((one) => (/^\d+$/.test(one) ? Number(one) : one));

function listAt(doc, pointer) {
  const list = doc.getIn(pathOf(pointer), true);
  if (!isSeq(list)) throw fail("no_such_place", `There is no list at ${pointer}`);
  return list;
}

function taskAt(doc, pointer) {
  const path = pathOf(pointer);
  const list = doc.getIn(path.slice(0, -2), true);
  const at = path.at(-2);
  const item = isSeq(list) ? list.items[at] : undefined;
  if (!isMap(item)) throw fail("no_such_place", `There is no task at ${pointer}`);
  return { list, at, item, pair: item.items[0] };
}

const OPERATIONS = {
  add: (doc, { list, at, name, task }) => listAt(doc, list).items.splice(at, 0, doc.createNode({ [name]: task })),
  replace: (doc, { task, definition }) => (taskAt(doc, task).pair.value = doc.createNode(definition)),
  move: (doc, { task, list, at }) => {
    const target = listAt(doc, list);
    const from = taskAt(doc, task);
    from.list.items.splice(from.at, 1);
    target.items.splice(at, 0, from.item);
  },
  rename: (doc, { task, name }) => {
    const { list, pair } = taskAt(doc, task);
    const old = pair.key.value;
    pair.key.value = name;
    for (const item of list.items) if (isMap(item) && isMap(item.items[0].value) && item.items[0].value.get("then") === old) item.items[0].value.set("then", name);
  },
  delete: (doc, { task }) => {
    const { list, at } = taskAt(doc, task);
    list.items.splice(at, 1);
  },
  set: (doc, { at, value }) => doc.setIn(pathOf(at), doc.createNode(value)),
  unset: (doc, { at }) => doc.deleteIn(pathOf(at)),
};

export function edit({ source, operations }) {
  const doc = parseDocument(source);
  if (doc.errors.length > 0) throw fail("unreadable", doc.errors[0].message);
  for (const operation of operations) OPERATIONS[operation.op](doc, operation);
  const after = doc.toString(WIDE);
  const { valid, diagnostics, outline } = check(after);
  return { source: after, changes: [changeBetween(source, after)], valid, diagnostics, outline };
}

function changeBetween(before, after) {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let same = 0;
  while (same < Math.min(before.length, after.length) - from && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { from: placeOf(before, from), to: placeOf(before, before.length - same), insert: after.slice(from, after.length - same) };
}

function placeOf(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: [...lines.at(-1)].length + 1 };
}

const DOCS = {
  set: "Makes the data for what comes next.\n\n```yaml\nset:\n  total: ${ .a + .b }\n```",
  wait: "Pauses. Takes a **duration**:\n\n- an object such as `seconds: 5`\n- or ISO 8601, `PT5S`",
  call: "Calls a [function](/docs/errors/call) or a connector.",
  document: "Name and version of the workflow.",
};

const SNIPPETS = {
  set: ["set:", "  ${1:field}: ${2:value}"],
  wait: ["wait:", "  seconds: ${1:5}"],
  call: ["call: http", "with:", "  method: ${1|get,post|}", "  endpoint: ${2:https://example.com}"],
};

export function complete({ source, line, column }) {
  const before = [...(source.split("\n")[line - 1] ?? "")].slice(0, column - 1).join("");
  const word = /[\w]*$/.exec(before)[0];
  if (!/^\s*(- )?\w*$/.test(before)) return { from: { line, column }, to: { line, column }, items: [] };
  const indent = /^[ -]*/.exec(before)[0].length;
  const items = Object.entries(SNIPPETS).map(([label, lines]) => {
    const snippet = lines.join(`\n${" ".repeat(indent)}`);
    return { label, kind: "key", detail: "task", documentation: DOCS[label], insert: `${label}: `, snippet };
  });
  items.push({ label: "if", kind: "key", detail: "expression", documentation: "Runs the task only when this is true.", insert: "if: ", snippet: null });
  return { from: { line, column: column - word.length }, to: { line, column }, items };
}

export function hover({ source, line, column }) {
  const text = [...(source.split("\n")[line - 1] ?? "")];
  const isWord = (at) => /\w/.test(text[at] ?? "");
  let from = column - 1;
  while (isWord(from - 1)) from--;
  let to = column - 1;
  while (isWord(to)) to++;
  const markdown = DOCS[text.slice(from, to).join("")];
  return markdown === undefined ? null : { range: { from: { line, column: from + 1 }, to: { line, column: to + 1 } }, markdown };
}

export const format = ({ source }) => {
  const doc = parseDocument(source);
  if (doc.errors.length > 0) throw fail("unreadable", doc.errors[0].message);
  return { source: doc.toString(WIDE) };
};
