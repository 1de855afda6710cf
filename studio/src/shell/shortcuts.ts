import { useEffect, useRef } from "react";

/**
 * Keyboard shortcuts. "mod+k" is a chord, "g w" a sequence of two keys, anything else one key. A plain key never fires
 * while somebody types, nor under an open dialog; chords with mod do fire in fields.
 */
type Handler = () => void;

interface Binding {
  keys: string;
  run: () => void;
}

const SEQUENCE_WITHIN_MS = 900;
const bindings = new Set<Binding>();
let pending: { key: string; at: number } | null = null;

export function useShortcut(keys: string, handler: Handler, enabled = true): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    const binding = { keys, run: () => latest.current() };
    bindings.add(binding);
    return () => {
      bindings.delete(binding);
    };
  }, [keys, enabled]);
}

export function chordOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const key = event.key.toLowerCase();
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
  if (event.defaultPrevented || event.altKey) return;
  const chord = chordOf(event);
  const modified = chord.startsWith("mod+");
  if (!modified && (typing(event) || document.querySelector("dialog[open]") !== null)) return;
  const sequence = pending !== null && event.timeStamp - pending.at < SEQUENCE_WITHIN_MS ? `${pending.key} ${chord}` : null;
  pending = modified ? null : { key: chord, at: event.timeStamp };
  const binding = (sequence === null ? undefined : find(sequence)) ?? find(chord);
  if (binding === undefined) return;
  event.preventDefault();
  pending = null;
  binding.run();
}
