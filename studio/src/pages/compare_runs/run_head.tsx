import { Link } from "react-router";
import type { Execution } from "../../api/types";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { StatusPill } from "../../ui/status_pill";
import { Duration, RelativeTime, RunningDuration } from "../../ui/time_text";

export function RunHead({ label, execution }: { label: string; execution: Execution }) {
  const running = execution.finished_at === null;
  return (
    <section aria-label={label} className="min-w-0 rounded-md border bg-surface p-3 text-sm">
      <p className="flex min-w-0 flex-wrap items-center gap-2">
        <span className="text-xs text-dim">{label}</span>
        <Link to={`/executions/${execution.id}`} className="truncate rounded-sm font-medium hover:underline">
          {execution.workflow}
        </Link>
        <Badge mono>{execution.version}</Badge>
        <StatusPill status={execution.status} size="sm" />
      </p>
      <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-soft">
        <span className="truncate font-mono">{execution.id}</span>
        <RelativeTime iso={execution.created_at} />
        {running ? <RunningDuration since={execution.started_at ?? execution.created_at} /> : <Duration ms={execution.duration_ms} />}
        <span>{t.execution.tasks(execution.tasks_total)}</span>
      </p>
    </section>
  );
}
