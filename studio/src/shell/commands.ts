import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";

/** What the command palette can do. Pages add their own acts while they are on the screen. */
export interface Command {
  id: string;
  label: string;
  group: string;
  icon?: ReactNode;
  keys?: string;
  words?: string;
  run: () => void;
}

let registered: readonly Command[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Command[]): void {
  registered = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `key` says when the list has changed; the handlers may be fresh on every render. */
export function useCommands(commands: Command[], key: string): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const mine = latest.current.map((command) => ({
      ...command,
      run: () => latest.current.find((one) => one.id === command.id)?.run(),
    }));
    set([...mine, ...registered]);
    return () => set(registered.filter((command) => !mine.includes(command)));
  }, [key]);
}

export function useRegisteredCommands(): readonly Command[] {
  return useSyncExternalStore(subscribe, () => registered);
}

/** Every word typed must begin a word of the label (or of its hidden words). */
export function matches(command: Pick<Command, "label" | "words">, typed: string): boolean {
  const words = `${command.label} ${command.words ?? ""}`.toLowerCase().split(/[\s./-]+/);
  return typed
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)));
}
