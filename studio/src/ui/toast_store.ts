/** Short-lived messages. A plain store, so that anything can raise one, component or not. */
export interface Toast {
  id: number;
  tone: "success" | "error" | "info";
  title: string;
  detail?: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 5000;
const SHOWN_WITH_ACTION_MS = 9000;
const AT_ONCE_MAX = 4;

let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

export function toast(message: Omit<Toast, "id">): void {
  const id = nextId++;
  set([...toasts, { ...message, id }].slice(-AT_ONCE_MAX));
  setTimeout(() => dismissToast(id), message.action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS);
}

export function dismissToast(id: number): void {
  set(toasts.filter((one) => one.id !== id));
}

export const currentToasts = (): Toast[] => toasts;

export function onToastsChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
