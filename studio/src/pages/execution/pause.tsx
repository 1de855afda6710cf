import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { Link } from "react-router";
import { pauseExecution, resumeExecution } from "../../api/executions";
import { executionQuery } from "../../api/queries";
import type { Execution } from "../../api/types";
import { hasEnded } from "../../live/fold";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";

/** Pausing loses nothing and is undone with a click, so it asks nothing. */
export function usePause(execution: Execution) {
  const client = useQueryClient();
  const paused = (execution.paused ?? null) !== null;
  return useMutation({
    mutationFn: () => (paused ? resumeExecution(execution.id, "") : pauseExecution(execution.id, "")),
    onSuccess: (next) => {
      client.setQueryData(executionQuery(execution.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["executions"] });
    },
    onError: (error) => toast({ tone: "error", title: error.message }),
  });
}

export function PauseButton({ execution }: { execution: Execution }) {
  const pause = usePause(execution);
  if (isPausedByHold(execution)) return null; // it goes on with all the others
  const paused = (execution.paused ?? null) !== null;
  return (
    <Button icon={paused ? <Play size={14} /> : <Pause size={14} />} busy={pause.isPending} onClick={() => pause.mutate()}>
      {paused ? t.repair.resume : t.repair.pause}
    </Button>
  );
}

/** The pause of its account, its workflow or its key has paused it, not a person. */
const isPausedByHold = ({ held_by, paused }: Execution) => (held_by ?? null) !== null && (paused?.hold ?? null) !== null;

function HeldNotice({ held }: { held: NonNullable<Execution["held_by"]> }) {
  const what = held.workflow === null ? t.repair.heldAccount : held.expression === null ? t.repair.heldWorkflow : t.repair.heldKey(held.expression, held.key ?? "");
  return (
    <div role="status" className="mx-4 mb-3 flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md border border-suspended-line bg-suspended-soft px-3 py-2 text-sm md:mx-6">
      <Pause size={15} className="shrink-0 text-suspended" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{what}</span> <RelativeTime iso={held.since} />
        {held.reason === "" ? null : <span className="break-words">: {held.reason}</span>} <span className="break-words text-soft">{t.repair.heldMeans}</span>
      </p>
      <Link to="/queue" className="rounded-sm font-medium hover:underline">
        {t.repair.heldQueue}
      </Link>
    </div>
  );
}

/** Since when nothing new begins, and why. */
export function PausedNotice({ execution }: { execution: Execution }) {
  const held = execution.held_by ?? null;
  const byPerson = (execution.paused ?? null) !== null && !isPausedByHold(execution);
  if (hasEnded(execution.status)) return null;
  return (
    <>
      {held === null ? null : <HeldNotice held={held} />}
      {byPerson ? <PausedByPerson execution={execution} /> : null}
    </>
  );
}

function PausedByPerson({ execution }: { execution: Execution }) {
  const paused = execution.paused ?? null;
  if (paused === null) return null;
  const error = paused.error ?? null;
  return (
    <div role="status" className="mx-4 mb-3 flex flex-wrap items-center gap-x-2 gap-y-1 rounded-md border border-suspended-line bg-suspended-soft px-3 py-2 text-sm md:mx-6">
      <Pause size={15} className="shrink-0 text-suspended" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{t.repair.paused}</span> <RelativeTime iso={paused.since} />
        {paused.reason === null || paused.reason === "" ? null : <span className="break-words">: {paused.reason}</span>}{" "}
        <span className="break-words text-soft">
          {error === null ? t.repair.pausedMeans : [paused.task, error.title, error.detail].filter(Boolean).join(": ")}
        </span>
      </p>
    </div>
  );
}
