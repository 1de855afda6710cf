import { useQuery } from "@tanstack/react-query";
import { journalQuery } from "../../api/queries";
import type { Execution, JournalEvent, Json, TaskExecution, WorkflowError } from "../../api/types";
import { clockTime, exactTime } from "../../lib/time";
import { t } from "../../messages";
import { JsonTree } from "../../ui/json_tree";
import { SkeletonBlock } from "../../ui/skeleton";
import { StatusIcon, type AnyStatus } from "../../ui/status_icon";
import { RelativeTime } from "../../ui/time_text";
import { attemptsOf, type Attempt } from "./attempts_of";

/** Each try of an activity, from the journal: when, with what, how it went, and when the next is due. */
export function Attempts({ execution, task }: { execution: Execution; task: TaskExecution }) {
  const { data } = useQuery(journalQuery(execution.id));
  if (data === undefined) return <SkeletonBlock label={t.common.loading} />;
  const attempts = attemptsOf(data.filter((event: JournalEvent) => event.task_id === task.id));
  if (attempts.length === 0) return <p className="p-4 text-sm text-dim md:px-6">{t.detail.noAttempts}</p>;
  return (
    <ol className="min-h-0 flex-1 overflow-y-auto px-4 py-2 md:px-6">
      {attempts.map((attempt) => (
        <AttemptItem key={attempt.number} attempt={attempt} />
      ))}
    </ol>
  );
}

function AttemptItem({ attempt }: { attempt: Attempt }) {
  const status: AnyStatus = attempt.status;
  return (
    <li className="border-b py-3 last:border-0">
      <div className="flex items-center gap-2 text-sm">
        <StatusIcon status={status} />
        <span className="font-medium">{t.detail.attempt(attempt.number)}</span>
        <span className="text-soft">{t.status[status]}</span>
        <time dateTime={attempt.at} title={exactTime(attempt.at)} className="tabular ml-auto text-xs text-dim">
          {clockTime(attempt.at)}
        </time>
      </div>
      <ErrorLine error={attempt.error} />
      {attempt.due === null ? null : (
        <p className="mt-1 pl-6 text-xs text-soft">
          {Date.parse(attempt.due) > Date.now() ? (
            <>
              {t.detail.nextAttempt} <RelativeTime iso={attempt.due} />
            </>
          ) : (
            t.detail.nextAttemptWasDue(clockTime(attempt.due))
          )}
        </p>
      )}
      {attempt.request === undefined || attempt.request === null ? null : (
        <div className="mt-2 ml-6">
          <JsonTree value={attempt.request as Json} label={t.detail.request} />
        </div>
      )}
    </li>
  );
}

function ErrorLine({ error }: { error: WorkflowError | null }) {
  if (error === null) return null;
  return <p className="mt-1 pl-6 text-sm break-words text-faulted">{[error.title, error.detail].filter(Boolean).join(": ") || error.type}</p>;
}
