import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { cancelOperation, type Operation } from "../../api/operations";
import { operationQuery } from "../../api/queries";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { CopyableId } from "../../ui/copy_button";
import { JsonTree } from "../../ui/json_tree";
import { PageHeader } from "../../ui/page_header";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";
import { Progress } from "./progress";
import { StateLabel } from "./state_label";

export function OperationPage() {
  const { id = "" } = useParams();
  const query = useQuery(operationQuery(id));
  const title = query.data === undefined ? t.operations.title : t.operations.acts[query.data.act];
  useTitle(title);
  return (
    <>
      <PageHeader
        crumbs={[
          { label: t.nav.executions, to: "/executions" },
          { label: t.operations.title, to: "/operations" },
        ]}
        title={title}
        aside={query.data === undefined ? undefined : <StateLabel state={query.data.state} />}
        note={query.data === undefined ? undefined : <Facts operation={query.data} />}
        actions={query.data?.state === "running" ? <StopButton id={id} /> : undefined}
      />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {query.isPending ? (
          <SkeletonBlock label={t.common.loading} />
        ) : query.data === undefined ? (
          <PageProblem error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Detail operation={query.data} />
        )}
      </div>
    </>
  );
}

function StopButton({ id }: { id: string }) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelOperation(id),
    onSuccess: (operation) => {
      client.setQueryData(operationQuery(id).queryKey, operation);
      toast({ tone: "success", title: t.operations.stopped });
    },
    onError: (error) => toast({ tone: "error", title: error.message }),
  });
  return (
    <Button icon={<Square size={13} />} busy={stop.isPending} onClick={() => stop.mutate()}>
      {t.operations.stop}
    </Button>
  );
}

function Facts({ operation }: { operation: Operation }) {
  return (
    <span className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
      <CopyableId id={operation.id} />
      <span>{t.operations.by(t.trigger(operation.by))}</span>
      <RelativeTime iso={operation.created_at} />
      {operation.reason === null ? null : <span className="text-ink">{operation.reason}</span>}
    </span>
  );
}

function Detail({ operation }: { operation: Operation }) {
  return (
    <div className="flex max-w-190 flex-col gap-6 px-4 py-5 md:px-6">
      <Progress operation={operation} />
      <Part title={t.operations.filter}>
        <JsonTree value={operation.filter} label={t.operations.filter} />
      </Part>
      {operation.reasons.length === 0 ? null : (
        <Part title={t.operations.reasons} note={t.operations.reasonsNote}>
          <ul className="rounded-md border text-sm">
            {operation.reasons.map((one, index) => (
              <li key={index} className="flex flex-wrap items-baseline gap-x-3 border-b px-3 py-2 last:border-b-0">
                <span className={one.outcome === "failed" ? "text-faulted" : "text-soft"}>{t.operations.outcomes[one.outcome]}</span>
                {one.execution === "" ? null : (
                  <Link to={`/executions/${one.execution}`} className="rounded-sm font-mono text-xs text-accent-ink hover:underline">
                    {one.execution}
                  </Link>
                )}
                <span className="min-w-0 basis-full break-words sm:flex-1 sm:basis-40">{one.message}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="text-sm font-semibold">{title}</h2>
      {note === undefined ? null : <p className="text-xs text-dim">{note}</p>}
      <div className="mt-2">{children}</div>
    </section>
  );
}
