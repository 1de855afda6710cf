import { useEffect, useState } from "react";

type Listener = (now: number) => void;

/** One timer for all that tick alike: a list of a hundred times is drawn anew once, not a hundred times. */
const clocks = new Map<number, Set<Listener>>();

function onTick(everyMs: number, listener: Listener): () => void {
  let listeners = clocks.get(everyMs);
  if (listeners === undefined) {
    const all = new Set<Listener>();
    const timer = setInterval(() => {
      if (all.size === 0) {
        clearInterval(timer);
        clocks.delete(everyMs);
      }
      const now = Date.now();
      all.forEach((one) => one(now));
    }, everyMs);
    clocks.set(everyMs, all);
    listeners = all;
  }
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The clock, ticking every `everyMs`; it stands still when `active` is false. */
export function useNow(everyMs: number, active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => (active ? onTick(everyMs, setNow) : undefined), [everyMs, active]);
  return now;
}
