import { useInfiniteQuery } from "@tanstack/react-query";
import { Layers, MailCheck, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { executionsQuery, itemsOf } from "../../api/queries";
import type { ExecutionSummary } from "../../api/types";
import { useMedia } from "../../lib/use_media";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { Segmented } from "../../ui/segmented";
import { StatusIcon } from "../../ui/status_icon";
import { RelativeTime } from "../../ui/time_text";
import { DeadLetters } from "../executions/dead_letters";
import { ActDialog } from "../operations/act_dialog";
import { WorkflowFilter } from "../workflow_filter";
import { LetterDetail } from "./letter_detail";

type Kind = "all" | "waiting" | "failed";
const STATUS: Record<Kind, string> = { all: "suspended,faulted", waiting: "suspended", failed: "faulted" };
const REFRESH_MS = 5000;

/** What has failed and waits for somebody: why, and what can be done, of one or of all. */
export function DeadLettersPage() {
  useTitle(t.deadLetters.page);
  const [params, setParams] = useSearchParams();
  const asked = params.get("which");
  const kind: Kind = asked === "waiting" || asked === "failed" ? asked : "all";
  const workflow = params.get("workflow") ?? "";
  const picked = params.get("run");
  const [acting, setActing] = useState(false);
  const wide = useMedia("(min-width: 900px)");
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (name !== "run") next.delete("run");
    if (value === "") next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: name !== "run" });
  };
  const filter = { status: STATUS[kind], workflow: workflow || undefined };
  const query = useInfiniteQuery({
    ...executionsQuery(filter),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= 2 ? REFRESH_MS : false),
  });
  const items = itemsOf(query.data);
  const showsList = wide || picked === null;
  return (
    <>
      <PageHeader
        title={t.deadLetters.page}
        note={t.deadLetters.note}
        actions={
          <>
            <Link to="/operations" className={buttonClass()}>
              <Layers size={14} />
              {t.operations.see}
            </Link>
            <Button tone="primary" icon={<RotateCcw size={14} />} disabled={items.length === 0} onClick={() => setActing(true)}>
              {t.deadLetters.redriveAll}
            </Button>
          </>
        }
      />
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
        <Segmented
          label={t.deadLetters.which}
          value={kind}
          onChange={(next) => set("which", next === "all" ? "" : next)}
          options={(["all", "waiting", "failed"] as const).map((one) => ({ value: one, label: t.deadLetters.kinds[one] }))}
        />
        <WorkflowFilter label={t.executions.workflow} all={t.executions.anyWorkflow} value={workflow} onChange={(next) => set("workflow", next)} />
      </div>
      <DeadLetters workflow={workflow} />
      <div className="flex min-h-0 flex-1 border-t">
        {showsList ? (
          <div className={wide && (items.length > 0 || picked !== null) ? "min-h-0 w-2/5 max-w-120 overflow-y-auto border-r" : "min-h-0 flex-1 overflow-y-auto"}>
            <PagedList
              query={query}
              items={items}
              label={t.deadLetters.list}
              row={(one) => <Row key={one.id} run={one} picked={one.id === picked} onPick={() => set("run", one.id)} />}
              empty={
                <EmptyState icon={<MailCheck size={18} />} title={kind === "all" && workflow === "" ? t.deadLetters.none : t.deadLetters.noneMatch}>
                  {t.deadLetters.noneDetail}
                </EmptyState>
              }
            />
          </div>
        ) : null}
        {picked === null ? (
          wide && items.length > 0 ? <p className="m-auto px-6 text-sm text-soft">{t.deadLetters.pick}</p> : null
        ) : (
          <LetterDetail key={picked} id={picked} onBack={wide ? undefined : () => set("run", "")} />
        )}
      </div>
      {acting ? <ActDialog filter={filter} act="redrive" onClose={() => setActing(false)} /> : null}
    </>
  );
}

function Row({ run, picked, onPick }: { run: ExecutionSummary; picked: boolean; onPick: () => void }) {
  return (
    <li className="border-b">
      <button
        type="button"
        aria-pressed={picked}
        data-execution={run.id}
        onClick={onPick}
        className={`flex w-full items-start gap-3 px-4 py-2.5 text-left text-sm -outline-offset-2 hover:bg-hover md:px-6 ${picked ? "bg-press" : ""}`}
      >
        <span className="mt-0.5">
          <StatusIcon status={run.status} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{run.workflow}</span>
          <span className="block truncate text-xs text-soft">{run.error?.title ?? t.status[run.status]}</span>
        </span>
        <span className="shrink-0 text-xs text-soft">
          <RelativeTime iso={run.finished_at ?? run.created_at} />
        </span>
      </button>
    </li>
  );
}
