import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Outline } from "../api/types";
import { indexOf } from "../document/outline_index";
import { taskAtLine } from "./find_task";
import { offsetOf } from "./position";
import type { Session } from "./session";

export interface Selection {
  /** The pointer of the chosen task in the outline of now; of several, of the one that keys and form are about. */
  ref: string | null;
  /** The pointers of all that are chosen, that one first. */
  refs: readonly string[];
  /** Chooses a task and shows its text. */
  select: (ref: string | null) => void;
  /** Chooses several, the first before all. */
  choose: (refs: readonly string[]) => void;
  /** Chooses what an edit made or moved, as soon as the outline has it. */
  selectKeys: (keys: readonly string[]) => void;
  goTo: (place: { line: number; column: number }) => void;
}

const NONE: readonly string[] = [];

/** The tasks chosen in text and graph. They are kept by their keys, so that they stay chosen while tasks around them move. */
export function useSelection(session: Session | null, outline: Outline, current: boolean): Selection {
  const [keys, setKeys] = useState(NONE);
  const [awaited, setAwaited] = useState<string | null>(null);
  const index = indexOf(outline);
  const latest = useRef(outline);
  useEffect(() => {
    latest.current = outline;
  });
  const reveal = useCallback((place: { line: number; column: number }, focus: boolean) => session?.reveal(offsetOf(session.state.doc, place), focus), [session]);

  // Whether the task was chosen by the cursor in the text: it then follows the cursor when the outline catches up with it.
  const byCursor = useRef(false);
  const followCursor = useCallback(() => {
    if (session === null) return;
    const line = session.state.doc.lineAt(session.state.selection.main.head);
    const task = taskAtLine(latest.current, line.number, line.text);
    const key = task === undefined ? undefined : indexOf(latest.current).byRef.get(task.ref)?.key;
    setKeys(key === undefined ? NONE : [key]);
  }, [session]);
  useEffect(
    () =>
      session?.onCursor(() => {
        byCursor.current = true;
        followCursor();
      }),
    [session, followCursor],
  );
  useEffect(() => {
    if (byCursor.current && current) followCursor();
  }, [outline, current, followCursor]);

  const made = awaited === null || !current ? undefined : index.byKey.get(awaited)?.task;
  useEffect(() => {
    if (made === undefined) return;
    reveal(made, false);
    setAwaited(null);
  }, [made, reveal]);

  const choose = useCallback(
    (refs: readonly string[]) => {
      const entries = refs.map((ref) => indexOf(latest.current).byRef.get(ref)).filter((entry) => entry !== undefined);
      byCursor.current = false;
      setKeys(entries.map((entry) => entry.key));
      if (entries[0] !== undefined) reveal(entries[0].task, false);
    },
    [reveal],
  );
  const select = useCallback((ref: string | null) => choose(ref === null ? NONE : [ref]), [choose]);
  const selectKeys = useCallback((next: readonly string[]) => {
    byCursor.current = false;
    setKeys(next);
    setAwaited(next[0] ?? null);
  }, []);
  const goTo = useCallback((place: { line: number; column: number }) => reveal(place, true), [reveal]);
  const refs = useMemo(() => keys.map((key) => index.byKey.get(key)?.task.ref).filter((ref) => ref !== undefined), [keys, index]);
  return { ref: refs[0] ?? null, refs, select, choose, selectKeys, goTo };
}
