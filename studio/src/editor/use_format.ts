import { useCallback, useRef } from "react";
import { formatSource } from "../api/language";
import { asProblem } from "../api/problem";
import { t } from "../messages";
import { toast } from "../ui/toast_store";
import { lineChanges } from "./line_changes";
import type { Session } from "./session";

/** Formats the text, as one step that can be undone. A second call gives the first up. */
export function useFormat(session: Session | null): () => void {
  const asking = useRef(new AbortController());
  return useCallback(() => {
    if (session === null) return;
    asking.current.abort();
    const controller = new AbortController();
    asking.current = controller;
    const fork = session.fork();
    const before = fork.doc.toString();
    formatSource(before, controller.signal)
      .then(({ source }) => {
        if (source === before) toast({ tone: "info", title: t.edit.formatted });
        else fork.apply(lineChanges(before, source));
      })
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        const { title, detail } = asProblem(error);
        toast({ tone: "error", title, detail });
      })
      .finally(fork.release);
  }, [session]);
}
