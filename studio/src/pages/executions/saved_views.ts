import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "../../lib/stored";

/** A filter with a name. The filter is that of the address, so that a view is shared by sending the address. */
export interface SavedView {
  name: string;
  /** As in the address: "status=faulted&since=24". */
  search: string;
}

const KEY = "executions.views";
const VIEWS_MAX = 50;

const listeners = new Set<() => void>();
let read: { text: string | null; views: SavedView[] } = { text: null, views: [] };

/** Kept in this browser: there is no sign-in yet, so the server knows no person to keep them for. */
export function useSavedViews(): SavedView[] {
  return useSyncExternalStore(subscribe, current);
}

export function saveView(name: string, search: string): void {
  write([{ name, search }, ...current().filter((one) => one.name !== name)].slice(0, VIEWS_MAX));
}

export function removeView(name: string): void {
  write(current().filter((one) => one.name !== name));
}

function write(views: SavedView[]): void {
  writeStored(KEY, JSON.stringify(views));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The same array while nothing has changed. */
function current(): SavedView[] {
  const text = readStored(KEY);
  if (text !== read.text) read = { text, views: parseViews(text) };
  return read.views;
}

/** What is not understood is left out: another version of this page may have written it. */
export function parseViews(text: string | null): SavedView[] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  return value
    .filter((one): one is SavedView => typeof one === "object" && one !== null && typeof (one as SavedView).name === "string" && typeof (one as SavedView).search === "string")
    .slice(0, VIEWS_MAX);
}
