import { Webhook } from "lucide-react";
import { Link } from "react-router";
import type { WorkflowSummary } from "../../api/types";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { StatusIcon } from "../../ui/status_icon";
import { RelativeTime } from "../../ui/time_text";

/** Title, what it is for, and how it has been doing. */
export function WorkflowRow({ workflow, ambiguous = false }: { workflow: WorkflowSummary; ambiguous?: boolean }) {
  const { executions, last_execution: last } = workflow;
  const full = qualifiedName({ namespace: workflow.namespace, workflow: workflow.name });
  return (
    <li className="relative flex min-h-15 items-center gap-4 border-b px-4 py-2.5 hover:bg-hover md:px-6">
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <Link
            to={workflowPath(full)}
            className="truncate font-medium -outline-offset-2 after:absolute after:inset-0"
          >
            {workflow.title ?? workflow.name}
          </Link>
          <span className="flex max-w-28 min-w-0 shrink-0">
            <Badge mono title={workflow.version}>
              {workflow.version}
            </Badge>
          </span>
          {workflow.webhooks === 0 ? null : (
            <Badge title={t.workflows.webhooks(workflow.webhooks)}>
              <Webhook size={11} /> <span className="tabular">{workflow.webhooks}</span>
            </Badge>
          )}
        </div>
        <p className="truncate text-sm text-soft">
          {workflow.title === null ? null : <span className="mr-2 font-mono text-xs text-dim">{ambiguous ? full : workflow.name}</span>}
          {workflow.summary ?? (workflow.title === null ? workflow.namespace : null)}
        </p>
      </div>
      <Counts {...executions} />
      <div className="flex w-28 shrink-0 items-center justify-end gap-2 text-sm text-soft max-sm:w-auto">
        {last === null ? (
          <span className="text-dim">{t.workflows.neverRun}</span>
        ) : (
          <>
            <StatusIcon status={last.status} />
            <span className="sr-only">{t.status[last.status]}</span>
            <RelativeTime iso={last.created_at} />
          </>
        )}
      </div>
    </li>
  );
}

function Counts({ total, active, faulted }: WorkflowSummary["executions"]) {
  return (
    <div className="tabular flex shrink-0 items-center gap-4 text-sm text-soft max-md:hidden">
      {active === 0 ? null : (
        <span className="flex items-center gap-1.5 text-running">
          <StatusIcon status="running" size={14} /> {t.workflows.active(active)}
        </span>
      )}
      {faulted === 0 ? null : <span className="text-faulted">{t.workflows.failed(faulted)}</span>}
      <span className="w-20 text-right">{t.workflows.runs(total)}</span>
    </div>
  );
}
