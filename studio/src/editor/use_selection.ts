import { useCallback, useEffect, useRef, useState } from "react";
import type { Outline } from "../api/types";
import { indexOf } from "../document/outline_index";
import { taskAtLine } from "./find_task";
import { offsetOf } from "./position";
import type { Session } from "./session";

export interface Selection {
  /** The pointer of the chosen task in the outline of now. */
  ref: string | null;
  /** Chooses a task and shows its text. */
  select: (ref: string | null) => void;
  /** Chooses the task that an edit made or moved, as soon as the outline has it. */
  selectKey: (key: string | null) => void;
  goTo: (place: { line: number; column: number }) => void;
}

/** The one task chosen in text and graph. It is kept by its key, so that it stays chosen while tasks around it move. */
export function useSelection(session: Session | null, outline: Outline, current: boolean): Selection {
  const [key, setKey] = useState<string | null>(null);
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
    setKey(task === undefined ? null : (indexOf(latest.current).byRef.get(task.ref)?.key ?? null));
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

  const select = useCallback(
    (ref: string | null) => {
      const entry = ref === null ? undefined : indexOf(latest.current).byRef.get(ref);
      byCursor.current = false;
      setKey(entry?.key ?? null);
      if (entry !== undefined) reveal(entry.task, false);
    },
    [reveal],
  );
  const selectKey = useCallback((next: string | null) => {
    byCursor.current = false;
    setKey(next);
    setAwaited(next);
  }, []);
  const goTo = useCallback((place: { line: number; column: number }) => reveal(place, true), [reveal]);
  return { ref: key === null ? null : (index.byKey.get(key)?.task.ref ?? null), select, selectKey, goTo };
}
