import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Link } from "react-router";
import { listExecutions } from "../../api/executions";
import { systemQuery } from "../../api/queries";
import { listWorkflows } from "../../api/workflows";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { FirstWorkflow } from "../workflows/first_workflow";
import { WorkflowRow } from "../workflows/workflow_row";
import { RunList } from "./run_list";

const SHOWN = 6;
const REFRESH_MS = 4000;

/** What needs a person, what goes on now, and the way to the rest. */
export function HomePage() {
  useTitle(t.nav.home);
  const workflows = useQuery({ queryKey: ["home", "workflows"], queryFn: ({ signal }) => listWorkflows("", null, signal, SHOWN), refetchInterval: REFRESH_MS });
  const active = useExecutions("running,waiting,suspended,pending");
  const failed = useExecutions("faulted");
  const system = useQuery(systemQuery);
  if (workflows.isSuccess && workflows.data.items.length === 0) return <FirstWorkflow />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader
        title={t.nav.home}
        note={system.data === undefined ? undefined : t.home.system(system.data.version)}
        actions={
          <Link to="/workflows/new" className={buttonClass("primary")}>
            <Plus size={15} />
            {t.workflows.create}
          </Link>
        }
      />
      {workflows.isError ? (
        <div className="px-4 md:px-6">
          <ProblemPanel error={workflows.error} onRetry={() => void workflows.refetch()} />
        </div>
      ) : (
        <div className="grid gap-6 px-4 pt-1 pb-8 md:px-6 xl:grid-cols-2">
          <RunList title={t.home.active} empty={t.home.noneActive} query={active} all="/executions?status=pending,running,waiting,suspended" />
          <RunList title={t.home.failed} empty={t.home.noneFailed} query={failed} all="/executions?status=faulted" />
          <section className="overflow-hidden rounded-lg border bg-surface xl:col-span-2">
            <header className="flex items-center justify-between border-b px-4 py-2.5 md:px-6">
              <h2 className="text-sm font-semibold">{t.nav.workflows}</h2>
              <Link to="/workflows" className="inline-flex h-6 items-center rounded-sm text-xs text-soft hover:text-ink">
                {t.home.all}
              </Link>
            </header>
            {workflows.isPending ? (
              <SkeletonRows rows={4} label={t.common.loading} />
            ) : (
              <ul className="-mb-px">
                {workflows.data.items.map((one) => (
                  <WorkflowRow key={`${one.namespace}.${one.name}`} workflow={one} />
                ))}
              </ul>
            )}
          </section>
        </div>
      )}
    </div>
  );
}

function useExecutions(status: string) {
  return useQuery({
    queryKey: ["home", "executions", status],
    queryFn: ({ signal }) => listExecutions({ status }, null, signal, SHOWN),
    refetchInterval: REFRESH_MS,
  });
}
