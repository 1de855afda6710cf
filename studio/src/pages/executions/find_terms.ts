import type { ExecutionFilter } from "../../api/executions";

/** What may stand before a colon in the field; anything else is an attribute, or the beginning of an id. */
const NAMES = ["tag", "attribute", "error", "version", "id", "parent"] as const;

/**
 * "order=17 tag:team=sales error:timeout exe_01m8b1d07v" as the server's filter: conditions with spaces between. The server says what is
 * wrong with them.
 */
export function findTerms(text: string): ExecutionFilter {
  const filter: ExecutionFilter = {};
  for (const term of text.split(/\s+/).filter((one) => one !== "")) {
    const name = NAMES.find((one) => term.startsWith(`${one}:`)) ?? (term.includes("=") ? "attribute" : "id");
    const value = term.startsWith(`${name}:`) ? term.slice(name.length + 1) : term;
    if (name === "tag" || name === "attribute") filter[name] = [...(filter[name] ?? []), value];
    else filter[name] = value;
  }
  return filter;
}
