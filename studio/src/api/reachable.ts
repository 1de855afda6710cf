/** Whether the server answers. One flag for the whole app, raised by any request and lowered by the next that works. */
type Listener = () => void;

const listeners = new Set<Listener>();
let reachable = true;
let timer: ReturnType<typeof setTimeout> | undefined;

const PING_EVERY_MS = 3000;

export function isReachable(): boolean {
  return reachable;
}

export function onReachableChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function reportReachable(): void {
  clearTimeout(timer);
  change(true);
}

export function reportUnreachable(): void {
  change(false);
  clearTimeout(timer);
  timer = setTimeout(pingServer, PING_EVERY_MS);
}

export async function pingServer(): Promise<void> {
  try {
    const response = await fetch("/health", { cache: "no-store" });
    if (response.ok) reportReachable();
    else reportUnreachable();
  } catch {
    reportUnreachable();
  }
}

function change(next: boolean): void {
  if (next === reachable) return;
  reachable = next;
  for (const listener of listeners) listener();
}
