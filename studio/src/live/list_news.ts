import type { ExecutionSummary } from "../api/types";

/** What has happened to a list since it was read, for one who reads it: nothing moves under their eyes. */
export interface News {
  /** How many have come at the top. */
  fresh: number;
  /** There are more of them than one page holds. */
  more: boolean;
  /** The rows as they are now. */
  items: ExecutionSummary[];
  /** Rows that the filter does not hold any more. */
  gone: Set<string>;
}

/** A part of the list as the server has it now. `whole`: nothing follows behind it. */
export interface Part {
  items: ExecutionSummary[];
  whole: boolean;
}

/** Of two that were created in the same millisecond it is not known: the server orders by more than it tells. */
const isNewer = (a: ExecutionSummary, b: ExecutionSummary): boolean => micros(a.created_at) > micros(b.created_at);

/** How many stand before the row that was the first. */
function comeBefore(top: ExecutionSummary | undefined, items: ExecutionSummary[]): number {
  if (top === undefined) return items.length;
  const at = items.findIndex((one) => one.id === top.id);
  return at >= 0 ? at : items.filter((one) => isNewer(one, top)).length;
}

/** `head`: the top of the list; `window`: the part that is looked at, when it is another one. */
export function newsOf(shown: ExecutionSummary[], head: Part | undefined, window: Part | undefined): News {
  const fresh = head === undefined ? 0 : comeBefore(shown[0], head.items);
  const parts = [head, window].filter((part) => part !== undefined);
  const now = new Map(parts.flatMap((part) => part.items.map((one) => [one.id, one])));
  const gone = new Set(shown.filter((one) => !now.has(one.id) && parts.some((part) => covers(part, one))).map((one) => one.id));
  return {
    fresh,
    more: head !== undefined && fresh === head.items.length && !head.whole,
    items: shown.map((one) => now.get(one.id) ?? one),
    gone,
  };
}

/** It would be in this part if the list still had it. */
function covers(part: Part, one: ExecutionSummary): boolean {
  const first = part.items[0];
  const last = part.items.at(-1);
  if (first === undefined || last === undefined) return false;
  return isNewer(first, one) && (part.whole || isNewer(one, last));
}

/** A cursor under which a page begins with this row, or a few that were created within the same millisecond. */
export function cursorAt(one: ExecutionSummary): string {
  return `${micros(one.created_at) + 1000}-${one.id}`;
}

function micros(iso: string): number {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  return Math.floor(Date.parse(iso) / 1000) * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
