import { isMap, isSeq, parseDocument, stringify } from "yaml";
import type { Json, OutlineTask } from "../api/types";
import { unescapeName } from "./outline_index";
import type { NewTask } from "./gestures";

/** The largest text that is read as tasks when it is pasted. */
const PASTED_CHARACTERS_MAX = 256 * 1024;

/** A task as YAML, the way it stands in a list: what is copied. Comments inside the task come with it. */
export function taskYaml(source: string, task: OutlineTask): string {
  const own = ownLines(source, task);
  return own ?? stringify([{ [task.name]: definitionOf(source, task) }]);
}

/** What stands under the task's name. Undefined when the text there cannot be read. */
export function definitionOf(source: string, task: OutlineTask): Json | undefined {
  const own = ownLines(source, task);
  const value = own === null ? valueAt(read(source), task.ref.split("/").slice(1)) : valueAt(read(own), ["0", task.name]);
  return value === null ? undefined : (value as Json | undefined);
}

/** The tasks of a pasted text: a list of them, one as a mapping of its name, or a bare definition. Null for anything else. */
export function parseTasks(text: string): NewTask[] | null {
  if (text.length > PASTED_CHARACTERS_MAX) return null;
  const value = read(text);
  const items = Array.isArray(value) ? value : [value];
  const tasks = items.map(toTask);
  return tasks.length > 0 && tasks.every((one) => one !== null) ? tasks : null;
}

export const toYaml = (value: Json): string => stringify(value, { lineWidth: 0 });

/** A piece of YAML typed into a form. */
export function parseYaml(text: string): { ok: true; value: Json } | { ok: false; message: string } {
  const doc = parseDocument(text, { prettyErrors: false });
  const [error] = doc.errors;
  if (error !== undefined) return { ok: false, message: error.message };
  try {
    return { ok: true, value: doc.toJS({ maxAliasCount: 20 }) as Json };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const KINDS = ["call", "do", "emit", "for", "fork", "listen", "raise", "run", "set", "switch", "try", "wait"];

function toTask(value: unknown): NewTask | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && isDefinition(only[1])) return { name: only[0], definition: only[1] as Json };
  const kind = KINDS.find((one) => one in value);
  return kind === undefined ? null : { name: kind, definition: value as Json };
}

const isDefinition = (value: unknown): boolean =>
  value !== null && typeof value === "object" && !Array.isArray(value) && KINDS.some((kind) => kind in value);

/** The lines of a task in block style, moved to the left edge. Reading only these keeps a form quick in a long document. */
function ownLines(source: string, task: OutlineTask): string | null {
  const own = ownSlice(source, task);
  if (own === null) return null;
  const dash = indentOf(own.text);
  return own.text
    .trimEnd()
    .split("\n")
    .map((line) => (line.slice(0, dash).trim() === "" ? line.slice(dash) : line.trimStart()))
    .join("\n")
    .concat("\n");
}

/** The part of the text that a task in block style takes up, and where it begins. Null when it does not begin a line of its own, as in JSON. */
export function ownSlice(source: string, task: OutlineTask): { text: string; from: number } | null {
  const lines = source.split("\n");
  const first = lines[task.line - 1] ?? "";
  const head = /^(\s*)-(\s+)/.exec(first);
  if (head === null || head[0].length !== task.column - 1) return null;
  const dash = (head[1] as string).length;
  const rest = lines.slice(task.line);
  const end = rest.findIndex((line) => line.trim() !== "" && indentOf(line) <= dash && !line.trimStart().startsWith("#"));
  const body = end < 0 ? rest : rest.slice(0, end);
  while (body.length > 0 && /^\s*(#.*)?$/.test(body.at(-1) as string) && indentOf(body.at(-1) as string) <= dash) body.pop();
  const from = lines.slice(0, task.line - 1).reduce((length, line) => length + line.length + 1, 0);
  return { text: `${[first, ...body].join("\n")}\n`, from };
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function read(text: string): unknown {
  const doc = parseDocument(text, { prettyErrors: false });
  if (doc.errors.length > 0 || !(isMap(doc.contents) || isSeq(doc.contents))) return undefined;
  try {
    return doc.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (node, segment) => (node !== null && typeof node === "object" ? (node as Record<string, unknown>)[unescapeName(segment)] : undefined),
    value,
  );
}
