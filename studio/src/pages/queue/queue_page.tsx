import { useQuery } from "@tanstack/react-query";
import { Pause, SlidersHorizontal } from "lucide-react";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import { useSearchParams } from "react-router";
import type { Gates, QueueFilter } from "../../api/flow";
import { gatesQuery, pausesQuery } from "../../api/queries";
import { shortName } from "../../lib/qualified_name";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { useCommands } from "../../shell/commands";
import { Button } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { PageProblem } from "../../ui/problem_panel";
import { SentField } from "../../ui/sent_field";
import { SkeletonRows } from "../../ui/skeleton";
import { WorkflowFilter } from "../workflow_filter";
import { AccountDialog } from "./account_dialog";
import { GateList } from "./gate_list";
import { HostsPart } from "./hosts/hosts_part";
import { NothingWaits } from "./nothing_waits";
import { PauseDialog } from "./pause_dialog";
import { Pauses } from "./pauses";
import { QueuedList } from "./queued_list";
import { usePauseCommand } from "./use_pause_command";

const ActDialog = lazy(() => import("../operations/act_dialog").then((module) => ({ default: module.ActDialog })));

const REFRESH_MS = 2000;

const ALL = { workflow: null, expression: null, key: null };

/** What waits for its turn, and what for. */
export function QueuePage() {
  useTitle(t.flow.title);
  const [params, setParams] = useSearchParams();
  const workflow = params.get("workflow") ?? "";
  const key = workflow === "" ? "" : (params.get("key") ?? "");
  const filter = useMemo(() => ({ workflow, key }), [workflow, key]);
  const show = (next: QueueFilter) => setParams({ ...(next.workflow === "" ? {} : { workflow: next.workflow }), ...(next.key === "" ? {} : { key: next.key }) }, { replace: true });
  const gates = useQuery({ ...gatesQuery(workflow), refetchInterval: REFRESH_MS, placeholderData: (before) => before });
  const pauses = useQuery({ ...pausesQuery, refetchInterval: REFRESH_MS });
  const [dialog, setDialog] = useState<"account" | "pause" | "act" | null>(null);
  useCommands([{ id: "account-limits", label: t.flow.account.button, group: t.palette.groups.here, icon: <SlidersHorizontal size={15} />, run: () => setDialog("account") }], "queue");
  const held = pauses.data?.filter((one) => workflow === "" || one.workflow === null || one.workflow === workflow || shortName(one.workflow) === workflow) ?? [];
  const allPaused = held.find((one) => one.workflow === null);
  usePauseCommand("account", allPaused, t.flow.pause.button, () => setDialog("pause"));
  const limits = gates.data?.items.filter((gate) => gate.kind !== "pause") ?? [];
  const idle = gates.data !== undefined && workflow === "" && gates.data.queued + gates.data.collecting === 0 && limits.length === 0 && held.length === 0;
  return (
    <>
      <PageHeader
        title={t.flow.title}
        actions={
          <>
            <Button icon={<SlidersHorizontal size={14} />} onClick={() => setDialog("account")}>
              {t.flow.account.button}
            </Button>
            {allPaused === undefined ? (
              <Button icon={<Pause size={14} />} onClick={() => setDialog("pause")}>
                {t.flow.pause.button}
              </Button>
            ) : null}
          </>
        }
      />
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
        <WorkflowFilter
          label={t.flow.filter.workflow}
          all={t.flow.filter.all}
          value={workflow}
          onChange={(next) => show({ workflow: next, key: "" })}
          className="w-48"
        />
        {workflow === "" ? null : <SentField key={key} label={t.flow.filter.key} hint={t.flow.filter.keyHint} value={key} onSend={(next) => show({ workflow, key: next })} className="w-36" />}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {gates.isPending ? (
          <SkeletonRows label={t.common.loading} />
        ) : gates.data === undefined ? (
          <PageProblem error={gates.error} onRetry={() => void gates.refetch()} />
        ) : (
          <div className="flex max-w-320 flex-col gap-6 px-4 py-5 md:px-6">
            {idle ? (
              <NothingWaits />
            ) : (
              <>
                <Numbers {...gates.data} />
                <Pauses pauses={held} gates={gates.data.items} />
                <Part title={t.flow.gates.title}>
                  <GateList gates={key === "" ? gates.data.items : gates.data.items.filter((gate) => gate.expression === null || gate.key === key)} ofWorkflow={workflow !== ""} />
                </Part>
                <Part
                  title={t.flow.list.title}
                  action={
                    <Button disabled={gates.data.queued + gates.data.collecting === 0} onClick={() => setDialog("act")}>
                      {t.executions.actOnAll}
                    </Button>
                  }
                >
                  <QueuedList key={`${workflow} ${key}`} filter={filter} onKey={show} />
                </Part>
              </>
            )}
            {workflow === "" ? <HostsPart /> : null}
          </div>
        )}
      </div>
      {dialog === "account" ? <AccountDialog onClose={() => setDialog(null)} /> : null}
      {dialog === "pause" ? <PauseDialog target={ALL} onClose={() => setDialog(null)} /> : null}
      {dialog === "act" ? (
        <Suspense fallback={null}>
          <ActDialog filter={{ status: "queued", workflow: workflow || undefined, key: key || undefined }} onClose={() => setDialog(null)} />
        </Suspense>
      ) : null}
    </>
  );
}

function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex flex-col">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 className="text-sm font-semibold">{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function Numbers({ queued, collecting, running, items: gates }: Gates) {
  const n = t.flow.numbers;
  const items = [
    { label: n.waiting, value: queued, hint: n.waitingHint, strong: queued > 0 },
    ...(collecting > 0 ? [{ label: n.collecting, value: collecting, hint: n.collectingHint }] : []),
    { label: n.running, value: running, hint: n.runningHint },
    { label: n.holding, value: gates.filter((gate) => gate.waiting > 0).length },
  ];
  return (
    <dl aria-label={n.label} className="grid auto-cols-fr grid-flow-col overflow-hidden rounded-lg border bg-surface">
      {items.map((item) => (
        <div key={item.label} title={item.hint} className="flex flex-col-reverse justify-end border-l px-4 py-3 first:border-l-0">
          <dt className="text-xs text-soft">{item.label}</dt>
          <dd className={`tabular text-xl font-semibold ${item.strong === true ? "text-queued" : ""}`}>{item.value.toLocaleString("en")}</dd>
        </div>
      ))}
    </dl>
  );
}
