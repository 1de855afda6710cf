import { parseDocument } from "yaml";
import type { Json } from "../api/types";
import { unescapeName } from "./outline_index";

/** The types of events that the task at a pointer waits for. */
export function awaitedTypes(source: string, ref: string): string[] {
  const task = ref.split("/").slice(1).reduce((node, segment) => memberOf(node, unescapeName(segment)), read(source));
  return eventTypes(memberOf(task, "listen"));
}

/** Every `type` that a filter (`with`) asks for, however deep; expressions and patterns are none. */
function eventTypes(value: Json | undefined): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = memberOf(memberOf(value, "with"), "type");
  const inner = Object.entries(value).flatMap(([key, one]) => (key === "with" ? [] : eventTypes(one)));
  return [...new Set(typeof own === "string" && !own.includes("${") ? [own, ...inner] : inner)];
}

function read(source: string): Json | undefined {
  const doc = parseDocument(source, { prettyErrors: false });
  try {
    return doc.errors.length > 0 ? undefined : (doc.toJS({ maxAliasCount: 100 }) as Json);
  } catch {
    return undefined;
  }
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  value === null || typeof value !== "object" ? undefined : Array.isArray(value) ? value[Number(name)] : value[name];
