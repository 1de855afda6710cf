/** What a key does to the chosen task of an editable canvas. */
export type KeyAct =
  | "delete"
  | "rename"
  | "duplicate"
  | "up"
  | "down"
  | "addAfter"
  | "addBefore"
  | "open"
  | "connect"
  | "all"
  | "fewer"
  | "undo"
  | "redo";

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const PLAIN: Record<string, KeyAct> = { Delete: "delete", Backspace: "delete", F2: "rename", a: "addAfter", Enter: "open", t: "connect", Escape: "fewer" };
const WITH_MOD: Record<string, KeyAct> = { a: "all", d: "duplicate", z: "undo", y: "redo" };

export function keyAct(event: Key): KeyAct | null {
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey) return mod ? null : event.key === "ArrowUp" ? "up" : event.key === "ArrowDown" ? "down" : null;
  if (mod && event.shiftKey) return event.key.toLowerCase() === "z" ? "redo" : null;
  if (mod) return WITH_MOD[event.key.toLowerCase()] ?? null;
  if (event.shiftKey) return event.key === "A" ? "addBefore" : null;
  return PLAIN[event.key] ?? null;
}

/** Where keys are typed, and mean nothing to the canvas. */
export const inField = (target: EventTarget): boolean => target instanceof HTMLElement && target.closest("input, textarea, select, [role=dialog]") !== null;
