import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE_MS = 400;

/**
 * What is typed into a field, and its commit when typing pauses, the field is left or goes away. A value that changes
 * from outside, by undo or in the text, is shown unless somebody is typing. `means`: whether what was typed says the
 * value, if in other words; these stay until the field is left, so that no text changes under the cursor.
 */
export function useTyped(value: string, commit: (typed: string) => void, means: (typed: string) => boolean = (typed) => typed === value) {
  const [typed, setTyped] = useState<string | null>(null);
  const pending = useRef<{ typed: string; timer: ReturnType<typeof setTimeout> } | null>(null);
  const latest = useRef({ commit, means });
  useEffect(() => {
    latest.current = { commit, means };
  });
  const flush = useCallback(() => {
    const last = pending.current;
    if (last === null) return;
    clearTimeout(last.timer);
    pending.current = null;
    latest.current.commit(last.typed);
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
    if (pending.current === null) setTyped((text) => (text !== null && latest.current.means(text) ? text : null));
  }, [value]);
  const leave = useCallback(() => {
    flush();
    setTyped((text) => (text !== null && latest.current.means(text) ? null : text));
  }, [flush]);
  return { typed: typed ?? value, type, leave };
}
