import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "./stored";

/** The name under which somebody answers in this browser; empty: not given yet. There is no sign-in yet. */
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setPerson(name: string): void {
  writeStored("person", name.trim());
  for (const listener of listeners) listener();
}

export const usePerson = (): string => useSyncExternalStore(subscribe, () => readStored("person") ?? "");
