import { CircleAlert, RotateCw } from "lucide-react";
import { asProblem } from "../api/problem";
import { t } from "../messages";
import { Button } from "./button";
import { CopyableId } from "./copy_button";

/** What happened, what to do, and the id to quote. Nothing is thrown away: a retry is one click. */
export function ProblemPanel({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="flex gap-3 rounded-lg border border-faulted-line bg-faulted-soft px-4 py-3">
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-faulted" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium">{problem.title}</p>
        {problem.detail === "" || problem.detail === problem.title ? null : (
          <p className="mt-0.5 break-words text-soft">{problem.detail}</p>
        )}
        {problem.hint === undefined ? null : <p className="mt-1 break-words text-soft">{problem.hint}</p>}
        {problem.requestId === undefined ? null : (
          <p className="mt-2 flex flex-wrap items-center gap-1.5 text-xs text-soft">
            {t.problem.requestId} <CopyableId id={problem.requestId} />
          </p>
        )}
      </div>
      {onRetry === undefined ? null : (
        <Button size="sm" icon={<RotateCw size={14} />} onClick={onRetry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

/** In the place of what could not be loaded. */
export const PageProblem = (props: { error: unknown; onRetry?: () => void }) => (
  <div className="p-4 md:p-6">
    <ProblemPanel {...props} />
  </div>
);
