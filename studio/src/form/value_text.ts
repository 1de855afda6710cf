import { parseDocument, stringify } from "yaml";
import type { Json } from "../api/types";

/** A value in one line, as it would stand in YAML: what a row of a map shows. */
export function lineOf(value: Json): string {
  if (typeof value === "string") return roundTrips(value) ? value : JSON.stringify(value);
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

/** What was typed into such a row; a text that is not YAML is a text. */
export function valueOf(line: string): Json {
  const doc = parseDocument(line, { prettyErrors: false });
  if (doc.errors.length > 0) return line;
  const value = doc.toJS({ maxAliasCount: 0 }) as Json | undefined;
  return value === undefined || (value === null && line.trim() === "") ? "" : value;
}

function roundTrips(text: string): boolean {
  if (text === "") return true;
  try {
    return !/[\r\n]/.test(text) && valueOf(text) === text;
  } catch {
    return false;
  }
}
