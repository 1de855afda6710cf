import { OctagonX } from "lucide-react";
import type { Execution, TaskExecution } from "../../api/types";
import { hasEnded } from "../../live/fold";
import { t } from "../../messages";
import { failureOf } from "../../timeline/rows";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { PausedNotice } from "./pause";
import { Waits } from "./waits";

interface Props {
  execution: Execution;
  onShow: (task: TaskExecution) => void;
}

/** Why it failed, or what it waits for, before anything else. */
export function Notices({ execution, onShow }: Props) {
  if (execution.status === "faulted") return <Failure execution={execution} onShow={onShow} />;
  return (
    <>
      <Cleaning execution={execution} />
      <PausedNotice execution={execution} />
      <Waits execution={execution} />
    </>
  );
}

function Cleaning({ execution }: { execution: Execution }) {
  const cancelling = execution.cancelling ?? null;
  if (cancelling === null || hasEnded(execution.status)) return null;
  return (
    <p role="status" className="mx-4 mb-3 rounded-md border border-waiting-line bg-waiting-soft px-3 py-2 text-sm md:mx-6">
      <span className="font-medium">{t.cancel.cleaning}</span>{" "}
      <span className="text-soft">
        {t.cancel.endsAtLatest} <RelativeTime iso={cancelling.until} />
      </span>
    </p>
  );
}

function Failure({ execution, onShow }: Props) {
  const task = failureOf(execution.tasks);
  const error = execution.error ?? task?.error ?? null;
  return (
    <div role="status" className="mx-4 mb-3 flex items-start gap-2.5 rounded-md border border-faulted-line bg-faulted-soft py-2 pr-2 pl-3 text-sm max-sm:flex-wrap md:mx-6">
      <OctagonX size={16} className="mt-0.5 shrink-0 text-faulted" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{task === null ? t.execution.failed : t.execution.failedAt(task.name)}</span>{" "}
        <span className="break-words text-soft">{[error?.title, error?.detail].filter(Boolean).join(": ") || error?.type}</span>
        {task !== null && task.attempts > 1 ? <span className="text-soft"> {t.execution.afterAttempts(task.attempts)}</span> : null}
      </p>
      {task === null ? null : (
        <Button size="sm" onClick={() => onShow(task)}>
          {t.execution.showTask}
        </Button>
      )}
    </div>
  );
}
