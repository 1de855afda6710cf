import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { editSource } from "../api/language";
import { asProblem } from "../api/problem";
import type { Gesture } from "../document/gestures";
import { t } from "../messages";
import { toast } from "../ui/toast_store";
import { Edits } from "./edits";
import type { Session } from "./session";
import { checked, rememberCheck } from "./use_check";

export type RunGesture = (gesture: Gesture) => void;

/** Gestures for one session. What cannot be done is said, and nothing is changed then. */
export function useEdits(session: Session | null, onSelect: (keys: readonly string[]) => void): RunGesture {
  const client = useQueryClient();
  return useMemo(() => {
    if (session === null) return () => {};
    const edits = new Edits(session, {
      outline: async (source) => (await checked(client, source)).outline,
      edit: async (source, operations) => {
        const result = await editSource(source, operations);
        rememberCheck(client, source, result);
        return result;
      },
    });
    return (gesture) =>
      void edits.run(gesture).then(
        (outcome) => {
          if (!outcome.done && outcome.reason === "unreadable") toast({ tone: "error", title: t.edit.unreadable, detail: t.edit.unreadableDetail });
          else if (outcome.done && outcome.select !== undefined) onSelect(outcome.select);
        },
        (error: unknown) => {
          const problem = asProblem(error);
          toast({ tone: "error", title: problem.title, detail: [problem.detail, problem.hint].filter(Boolean).join(" ") });
        },
      );
  }, [session, client, onSelect]);
}
