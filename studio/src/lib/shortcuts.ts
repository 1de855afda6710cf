import { useEffect, useRef } from "react";

/**
 * Keyboard shortcuts. "mod+k" and "shift+alt+f" are chords, "g w" a sequence of two keys, anything else one key. A plain key never fires
 * while somebody types, nor under an open dialog; chords do fire in fields.
 */
type Handler = () => void;

interface Binding {
  keys: string;
  run: () => void;
}

const SEQUENCE_WITHIN_MS = 900;
const bindings = new Set<Binding>();
let pending: { key: string; at: number } | null = null;

/** The way to take it back. */
export function bindShortcut(keys: string, run: Handler): () => void {
  const binding = { keys, run };
  bindings.add(binding);
  return () => void bindings.delete(binding);
}

export function useShortcut(keys: string, handler: Handler, enabled = true): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    return bindShortcut(keys, () => latest.current());
  }, [keys, enabled]);
}

export function chordOf(event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key.toLowerCase();
  // With Alt the key itself may bear another character, as on a Mac.
  if (event.altKey && event.shiftKey) return `shift+alt+${event.code.replace(/^Key/, "").toLowerCase()}`;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function typing(event: KeyboardEvent): boolean {
  // The editor lives in a shadow root; the composed path sees the real target.
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The last one bound wins: a page's shortcut goes before the shell's. */
function find(keys: string): Binding | undefined {
  return [...bindings].reverse().find((binding) => binding.keys === keys);
}

export function onShortcutKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || (event.altKey && !event.shiftKey)) return;
  const chord = chordOf(event);
  const modified = /^(mod|shift\+alt)\+/.test(chord);
  if (!modified && (typing(event) || document.querySelector("dialog[open]") !== null)) return;
  const sequence = pending !== null && event.timeStamp - pending.at < SEQUENCE_WITHIN_MS ? `${pending.key} ${chord}` : null;
  pending = modified ? null : { key: chord, at: event.timeStamp };
  const binding = (sequence === null ? undefined : find(sequence)) ?? find(chord);
  if (binding === undefined) return;
  event.preventDefault();
  pending = null;
  binding.run();
}
