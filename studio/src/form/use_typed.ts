import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE_MS = 400;

/**
 * What is typed into a field, and its commit when typing pauses, the field is left or goes away. A value that changes
 * from outside, by undo or in the text, is shown unless somebody is typing.
 */
export function useTyped(value: string, commit: (typed: string) => void) {
  const [typed, setTyped] = useState<string | null>(null);
  const pending = useRef<{ typed: string; timer: ReturnType<typeof setTimeout> } | null>(null);
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  const flush = useCallback(() => {
    const last = pending.current;
    if (last === null) return;
    clearTimeout(last.timer);
    pending.current = null;
    latest.current(last.typed);
  }, []);
  const type = useCallback(
    (next: string) => {
      setTyped(next);
      if (pending.current !== null) clearTimeout(pending.current.timer);
      pending.current = { typed: next, timer: setTimeout(flush, PAUSE_MS) };
    },
    [flush],
  );
  useEffect(() => flush, [flush]);
  // The committed value has come back, or another one: it is what stands there now.
  useEffect(() => {
    if (pending.current === null) setTyped(null);
  }, [value]);
  const leave = useCallback(() => {
    flush();
  }, [flush]);
  return { typed: typed ?? value, type, leave };
}
