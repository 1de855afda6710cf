import type { Json } from "../api/types";
import { isMapping } from "../form/shape";

/** A JSON Schema of type object as fields that people fill in. What no field can show is written as JSON. */
export type FieldKind =
  | { kind: "text"; long: boolean; type: "text" | "date" | "datetime-local" | "time" | "email" | "url" }
  | { kind: "number"; integer: boolean }
  | { kind: "boolean" }
  | { kind: "choice"; options: Option[] }
  | { kind: "choices"; options: Option[] }
  | { kind: "texts" }
  | { kind: "file"; many: boolean; accept: string }
  | { kind: "json" };

interface Option {
  value: Json;
  label: string;
}

export interface FormField {
  name: string;
  label: string;
  description: string;
  required: boolean;
  kind: FieldKind;
  initial: Draft;
}

/** What stands in a field, as it is typed. */
export type Draft = string | boolean | string[];
export type Drafts = Record<string, Draft>;

const LONG_FROM = 200;
const TYPES: Record<string, "date" | "datetime-local" | "time" | "email" | "url"> = { date: "date", "date-time": "datetime-local", time: "time", email: "email", uri: "url" };

export function fieldsOf(form: Json | undefined): FormField[] {
  if (!isMapping(form) || !isMapping(form.properties)) return [];
  const required = Array.isArray(form.required) ? form.required : [];
  return Object.entries(form.properties).map(([name, schema]) => {
    const own = isMapping(schema) ? schema : {};
    const kind = kindOf(own);
    return {
      name,
      label: textOr(own.title, name),
      description: textOr(own.description, ""),
      required: required.includes(name),
      kind,
      initial: draftOf(kind, own.default),
    };
  });
}

const textOr = (value: Json | undefined, other: string) => (typeof value === "string" ? value : other);

function kindOf(schema: { [key: string]: Json }): FieldKind {
  const options = optionsOf(schema);
  if (options !== null) return { kind: "choice", options };
  switch (schema.type) {
    case "string":
      if (schema.format === "file") return { kind: "file", many: false, accept: acceptOf(schema) };
      return { kind: "text", long: isLong(schema), type: TYPES[textOr(schema.format, "")] ?? "text" };
    case "number":
      return { kind: "number", integer: false };
    case "integer":
      return { kind: "number", integer: true };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return listKindOf(isMapping(schema.items) ? schema.items : {});
    default:
      return { kind: "json" };
  }
}

function listKindOf(items: { [key: string]: Json }): FieldKind {
  if (items.format === "file") return { kind: "file", many: true, accept: acceptOf(items) };
  const options = optionsOf(items);
  if (options !== null) return { kind: "choices", options };
  return items.type === "string" ? { kind: "texts" } : { kind: "json" };
}

const isLong = (schema: { [key: string]: Json }) =>
  schema.contentMediaType !== undefined || schema.format === "textarea" || (typeof schema.maxLength === "number" && schema.maxLength > LONG_FROM);

const acceptOf = (schema: { [key: string]: Json }) => (Array.isArray(schema.accept) ? schema.accept.filter((one) => typeof one === "string").join(",") : "");

const isPlain = (value: Json | undefined): value is string | number | boolean => ["string", "number", "boolean"].includes(typeof value);

/** Of `enum`, or of `oneOf` with a `const` and a `title` each. */
function optionsOf(schema: { [key: string]: Json }): Option[] | null {
  if (Array.isArray(schema.enum) && schema.enum.every(isPlain)) return schema.enum.map((value) => ({ value, label: String(value) }));
  if (!Array.isArray(schema.oneOf)) return null;
  const options = schema.oneOf.map((one) => (isMapping(one) && isPlain(one.const) ? { value: one.const, label: textOr(one.title, String(one.const)) } : null));
  return options.every((one) => one !== null) && options.length > 0 ? options : null;
}

function draftOf(kind: FieldKind, value: Json | undefined): Draft {
  switch (kind.kind) {
    case "boolean":
      return value === true;
    case "texts":
    case "choices":
      return Array.isArray(value) ? value.filter(isPlain).map(String) : [];
    case "file":
      return [];
    case "json":
      return value === undefined ? "" : JSON.stringify(value, null, 2);
    case "text":
      return typeof value === "string" ? (kind.type === "datetime-local" ? localTime(value) : value) : "";
    default:
      return isPlain(value) ? String(value) : "";
  }
}

/** As an input of the browser has it: without its zone, in that of the reader. */
function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export type FieldProblem = "required" | "number" | "integer" | "json";

/** The values to send, and what keeps fields from having one. A field that is left empty has no value. */
export function valuesOf(fields: FormField[], drafts: Drafts): { values: { [key: string]: Json }; problems: Record<string, FieldProblem> } {
  const values: { [key: string]: Json } = {};
  const problems: Record<string, FieldProblem> = {};
  for (const field of fields) {
    const read = readDraft(field, drafts[field.name] ?? field.initial);
    if ("problem" in read) problems[field.name] = read.problem;
    else if (read.value !== undefined) values[field.name] = read.value;
    else if (field.required) problems[field.name] = "required";
  }
  return { values, problems };
}

function readDraft({ kind }: FormField, draft: Draft): { value: Json | undefined } | { problem: FieldProblem } {
  if (typeof draft === "boolean") return { value: draft };
  if (Array.isArray(draft)) return { value: readList(kind, draft) };
  if (draft.trim() === "") return { value: undefined };
  if (kind.kind === "number") return readNumber(draft, kind.integer);
  if (kind.kind === "choice") return { value: optionValue(kind.options, draft) };
  if (kind.kind === "json") return readJson(draft);
  if (kind.kind === "text" && kind.type === "datetime-local") return { value: new Date(draft).toISOString() };
  if (kind.kind === "text" && kind.type === "time" && draft.length === 5) return { value: `${draft}:00Z` };
  return { value: draft };
}

function readList(kind: FieldKind, draft: string[]): Json | undefined {
  if (kind.kind === "file" && !kind.many) return draft[0];
  if (kind.kind === "choices") return draft.length === 0 ? undefined : draft.map((one) => optionValue(kind.options, one));
  const lines = draft.filter((one) => one.trim() !== "");
  return lines.length === 0 ? undefined : lines;
}

const optionValue = (options: Option[], text: string): Json => options.find((one) => String(one.value) === text)?.value ?? text;

function readNumber(text: string, integer: boolean): { value: number } | { problem: FieldProblem } {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: "number" };
  return integer && !Number.isInteger(value) ? { problem: "integer" } : { value };
}

function readJson(text: string): { value: Json } | { problem: FieldProblem } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem: "json" };
  }
}

/** The field that an error of the server is about: "/values/amount" is "amount". */
export function fieldOfPointer(pointer: string): string | null {
  const [, root, name] = pointer.split("/");
  return root === "values" && name !== undefined ? name.replaceAll("~1", "/").replaceAll("~0", "~") : null;
}
