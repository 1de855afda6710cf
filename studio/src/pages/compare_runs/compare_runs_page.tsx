import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { executionQuery } from "../../api/queries";
import type { Execution } from "../../api/types";
import { useStored } from "../../lib/stored";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { alignRuns, partingOf } from "./align";
import { RunHead } from "./run_head";
import { errorOf, PAIR_COLUMNS, PairRow, Values } from "./pair_row";

const REFRESH_MS = 3000;

/** Two runs side by side: what each task got, gave and took, and the first place at which they part. */
export function CompareRunsPage() {
  useTitle(t.compareRuns.title, t.nav.executions);
  const [params, setParams] = useSearchParams();
  const ids = [params.get("a") ?? "", params.get("b") ?? ""] as const;
  const a = useRun(ids[0]);
  const b = useRun(ids[1]);
  const [kept, setKept] = useStored<"all" | "different">("compare-runs", "all");
  const pairs = useMemo(() => (a.data === undefined || b.data === undefined ? [] : alignRuns(a.data.tasks, b.data.tasks)), [a.data, b.data]);
  const failed = a.error ?? b.error;
  const c = t.compareRuns;
  const head = (
    <PageHeader
      crumbs={[{ label: t.nav.executions, to: "/executions" }]}
      title={c.title}
      actions={
        <Button icon={<ArrowLeftRight size={14} />} onClick={() => setParams({ a: ids[1], b: ids[0] }, { replace: true })}>
          {c.swap}
        </Button>
      }
    />
  );
  if (a.data === undefined || b.data === undefined) {
    return (
      <>
        {head}
        {failed === null ? (
          <SkeletonRows label={t.common.loading} />
        ) : (
          <div className="px-4 md:px-6">
            <ProblemPanel error={failed} onRetry={() => void Promise.all([a.refetch(), b.refetch()])} />
          </div>
        )}
      </>
    );
  }
  const parting = partingOf(pairs);
  const shown = kept === "all" ? pairs : pairs.filter((pair) => pair.differs.length > 0);
  const whole = [a.data, b.data] as const;
  return (
    <>
      {head}
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-8 md:px-6">
        <div className="grid gap-3 md:grid-cols-2">
          <RunHead label={c.first} execution={a.data} />
          <RunHead label={c.second} execution={b.data} />
        </div>
        <div className="mt-4 mb-2 flex flex-wrap items-center gap-x-4 gap-y-1">
          <p role="status" className="text-sm font-medium">
            {parting === undefined ? c.alike : c.parts(parting.name)}
          </p>
          <label className="ml-auto flex items-center gap-2 text-sm text-soft">
            <input type="checkbox" checked={kept === "different"} onChange={(event) => setKept(event.target.checked ? "different" : "all")} className="size-4 accent-[var(--accent)]" />
            {c.onlyDifferent}
          </label>
        </div>
        {whole.some((one) => one.tasks.length < one.tasks_total) ? <p className="mb-2 text-xs text-dim">{c.truncated}</p> : null}
        <h2 className="sr-only">{c.byTask}</h2>
        {shown.length === 0 ? null : (
          <div className="rounded-md border bg-surface">
            <div aria-hidden="true" className={`border-b px-3 py-2 text-xs text-dim max-md:hidden ${PAIR_COLUMNS}`}>
              {[c.task, c.first, c.second, c.difference].map((column) => (
                <span key={column}>{column}</span>
              ))}
            </div>
            <ul aria-label={c.task}>
              {shown.map((pair) => (
                <PairRow key={pair.key} pair={pair} isParting={pair === parting} />
              ))}
            </ul>
          </div>
        )}
        <section className="mt-6" aria-label={c.result}>
          <h2 className="mb-3 text-base font-semibold">{c.result}</h2>
          <Values label={c.input} a={a.data.input} b={b.data.input} />
          <Values label={c.output} a={outputOf(a.data)} b={outputOf(b.data)} missing={c.nothing} />
          {a.data.error === null && b.data.error === null ? null : <Values label={c.error} a={errorOf(a.data)} b={errorOf(b.data)} missing={c.nothing} />}
        </section>
      </div>
    </>
  );
}

/** Only what has completed has an output. */
const outputOf = (execution: Execution) => (execution.status === "completed" ? execution.output : undefined);

function useRun(id: string) {
  return useQuery({ ...executionQuery(id), enabled: id !== "", refetchInterval: ({ state }) => (state.data?.finished_at === null ? REFRESH_MS : false) });
}
