import { useQuery } from "@tanstack/react-query";
import { systemStateQuery } from "../../api/queries";
import type { SystemState } from "../../api/system";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { Doctor } from "./doctor";
import { Kept } from "./kept";
import { Nodes } from "./nodes";
import { Partitions } from "./partitions";

/** How the server does: what it takes, what waits, who owns what, and whether anything is stuck. */
export function SystemPage() {
  useTitle(t.system.title);
  const { data, error, refetch } = useQuery(systemStateQuery);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader title={t.system.title} note={t.system.ofThis} />
      <div className="flex max-w-230 flex-col gap-8 px-4 pb-10 md:px-6">
        {data === undefined ? error === null ? <SkeletonBlock label={t.common.loading} /> : <ProblemPanel error={error} onRetry={() => void refetch()} /> : <State system={data} />}
      </div>
    </div>
  );
}

function State({ system }: { system: SystemState }) {
  return (
    <>
      <Facts system={system} />
      {system.node === null ? null : <Nodes system={system} />}
      <Partitions system={system} />
      <Kept />
      <Doctor />
    </>
  );
}

function Facts({ system }: { system: SystemState }) {
  const s = t.system;
  const { admission, calls, events, search, storage } = system;
  const refuses = admission.failure !== null || admission.refused_share > 0;
  const queued = { writes: storage.engine.writes_queued + storage.workflow.writes_queued, reads: storage.engine.queries_queued + storage.workflow.queries_queued };
  const failed = storage.engine.commits_failed + storage.workflow.commits_failed;
  return (
    <dl className="grid gap-x-6 rounded-md sm:gap-y-2.5 border bg-surface p-4 text-sm sm:grid-cols-[auto_1fr]">
      <Fact label={s.version}>
        <span className="font-mono">{system.version}</span>{" "}
        <span className="text-soft">
          {s.since.toLowerCase()} <RelativeTime iso={system.started_at} />
        </span>
      </Fact>
      <Fact label={s.active}>
        <span className="tabular">{system.executions_active.toLocaleString("en")}</span>
      </Fact>
      <Fact label={s.starts}>
        <span className={refuses ? "text-faulted" : ""}>{admission.failure !== null ? s.stalled(admission.failure) : refuses ? s.refusedNow(admission.refused_share) : s.taken}</span>
        {admission.refused === 0 ? null : <More>{s.refused(admission.refused)}</More>}
      </Fact>
      <Fact label={s.calls}>
        {s.callsNow(calls.running, calls.waiting)} <More>{s.callsSoFar(calls.succeeded, calls.failed)}</More>
      </Fact>
      <Fact label={s.search}>{search.lag_ms === null ? s.searchUp : s.searchBehind(search.waiting, search.lag_ms)}</Fact>
      <Fact label={s.events}>
        {s.eventsTaken(events.accepted, events.stored)}
        {events.refused === 0 ? null : <More alarming>{s.eventsRefused(events.refused)}</More>}
        {events.unheard === 0 ? null : <More alarming>{s.eventsUnheard(events.unheard, events.expired)}</More>}
      </Fact>
      <Fact label={s.storage}>
        {s.kinds[storage.kind]}; {s.writes(queued.writes)} {s.reads(queued.reads)}{" "}
        <More alarming={failed > 0}>{s.commits(storage.engine.commits + storage.workflow.commits, failed)}</More>
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0 max-sm:mb-3 max-sm:last:mb-0">{children}</dd>
    </>
  );
}

const More = ({ children, alarming = false }: { children: React.ReactNode; alarming?: boolean }) => (
  <span className={`block text-xs ${alarming ? "text-faulted" : "text-dim"}`}>{children}</span>
);
