import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
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
  const paused = (execution.paused ?? null) !== null;
  return (
    <Button icon={paused ? <Play size={14} /> : <Pause size={14} />} busy={pause.isPending} onClick={() => pause.mutate()}>
      {paused ? t.repair.resume : t.repair.pause}
    </Button>
  );
}

/** Since when nothing new begins, and why. */
export function PausedNotice({ execution }: { execution: Execution }) {
  const paused = execution.paused ?? null;
  if (paused === null || hasEnded(execution.status)) return null;
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
