import { Hourglass, OctagonX } from "lucide-react";
import type { Execution, TaskExecution, WaitingFor } from "../../api/types";
import { useNow } from "../../lib/use_now";
import { t } from "../../messages";
import { failureOf } from "../../timeline/rows";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";

interface Props {
  execution: Execution;
  onShow: (task: TaskExecution) => void;
}

const SHOWN_MAX = 3;
const ANSWER_EXPECTED_MS = 2000;

/** Why it failed, or what it waits for, before anything else. */
export function Notices({ execution, onShow }: Props) {
  if (execution.status === "faulted") return <Failure execution={execution} onShow={onShow} />;
  return <Waits waiting={execution.waiting_for} />;
}

function Waits({ waiting }: { waiting: WaitingFor[] }) {
  const now = useNow(1000, waiting.length > 0);
  // A call that is answered in a moment is not something one waits for.
  const long = waiting.filter((one) => one.reason !== "activity" || now - Date.parse(one.since) > ANSWER_EXPECTED_MS);
  if (long.length === 0) return null;
  const shown = long.slice(0, SHOWN_MAX);
  const rest = long.length - shown.length;
  return (
    <div role="status" className="mx-4 mb-3 flex flex-col gap-1 rounded-md border border-waiting-line bg-waiting-soft px-3 py-2 text-sm md:mx-6">
      {shown.map((one, index) => (
        <Waiting key={`${one.ref}-${index}`} waiting={one} />
      ))}
      {rest > 0 ? <p className="pl-6 text-xs text-soft">{t.execution.waitingMore(rest)}</p> : null}
    </div>
  );
}

function Waiting({ waiting }: { waiting: WaitingFor }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <Hourglass size={15} className="shrink-0 text-waiting" />
      <span>
        <span className="font-medium">{waiting.name}</span> {t.execution.waits(waiting.reason)}
      </span>
      <span className="text-soft">
        {waiting.until === null ? (
          <>
            {t.execution.since} <RelativeTime iso={waiting.since} />
          </>
        ) : (
          <>
            {t.execution.goesOn} <RelativeTime iso={waiting.until} />
          </>
        )}
      </span>
    </p>
  );
}

function Failure({ execution, onShow }: Props) {
  const task = failureOf(execution.tasks);
  const error = execution.error ?? task?.error ?? null;
  return (
    <div role="status" className="mx-4 mb-3 flex items-start gap-2.5 rounded-md border border-faulted-line bg-faulted-soft py-2 pr-2 pl-3 text-sm md:mx-6">
      <OctagonX size={16} className="mt-0.5 shrink-0 text-faulted" />
      <p className="min-w-0 flex-1">
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
