import { useInfiniteQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import type { QueuedRun, QueueFilter } from "../../api/flow";
import { itemsOf, queuedQuery } from "../../api/queries";
import { qualifiedName, shortName } from "../../lib/qualified_name";
import { exactTime } from "../../lib/time";
import { useNow } from "../../lib/use_now";
import { t } from "../../messages";
import { ColumnHeads } from "../../ui/column_heads";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { IconButton } from "../../ui/icon_button";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { StatusIcon } from "../../ui/status_icon";
import { RunningDuration } from "../../ui/time_text";
import { LeaveDialog } from "./leave_dialog";
import { useSteadyRows, type Row } from "./steady";
import { keyText, waitText } from "./wait_text";

const REFRESH_MS = 2000;
/** Beyond this many pages a refresh every 2 s would fetch more than it is worth. */
const OFTEN_PAGES_MAX = 4;
const SELDOM_MS = 10_000;

const COLUMNS = "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 md:grid-cols-[minmax(0,5fr)_minmax(0,6fr)_70px_70px_90px_28px] md:gap-x-4";

const idOf = (run: QueuedRun) => run.id;

interface Props {
  filter: QueueFilter;
  /** Asks for those with the same key; absent: keys are only shown. */
  onKey?: (filter: QueueFilter) => void;
}

/** The runs that wait, in the order in which they came. */
export function QueuedList({ filter, onKey }: Props) {
  const query = useInfiniteQuery({
    ...queuedQuery(filter),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= OFTEN_PAGES_MAX ? REFRESH_MS : SELDOM_MS),
  });
  const items = useMemo(() => itemsOf(query.data), [query.data]);
  const { rows, held, area } = useSteadyRows(items, idOf);
  const now = useNow(REFRESH_MS);
  const [leaving, setLeaving] = useState<QueuedRun | null>(null);
  if (query.isPending) return <SkeletonRows rows={4} label={t.common.loading} />;
  if (query.isError && items.length === 0) return <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />;
  if (rows.length === 0) return <p className="rounded-lg border bg-surface px-4 py-5 text-sm text-dim">{filter.key !== "" ? t.flow.list.noneOfKey(filter.key) : filter.workflow === "" ? t.flow.list.none : t.flow.list.noneOf}</p>;
  const often = (query.data?.pages.length ?? 0) <= OFTEN_PAGES_MAX;
  return (
    <>
      <div {...area} role="table" aria-label={t.flow.list.title} className="overflow-hidden rounded-lg border bg-surface">
        <div role="rowgroup" className="max-md:sr-only">
          <div role="row" className={clsx("border-b px-4 py-2 text-xs text-dim", COLUMNS)}>
            <ColumnHeads columns={t.flow.list.columns} />
          </div>
        </div>
        <div role="rowgroup" className="divide-y">
          {rows.map((row) => (
            <RunRow key={row.id} row={row} now={now} onLeave={setLeaving} onKey={onKey} />
          ))}
        </div>
      </div>
      <div className="mt-2 flex min-h-8 flex-wrap items-center justify-between gap-3">
        <p className="text-xs text-dim">{held && rows.some((row) => row.gone) ? t.flow.list.held : often ? "" : t.flow.list.older}</p>
        {query.hasNextPage ? (
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t.common.showMore}
          </Button>
        ) : null}
      </div>
      {leaving === null ? null : <LeaveDialog run={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

interface RowProps {
  row: Row<QueuedRun>;
  now: number;
  onLeave: (run: QueuedRun) => void;
  onKey: Props["onKey"];
}

function RunRow({ row, now, onLeave, onKey }: RowProps) {
  const run = row.item;
  const waits = run.waits_for;
  const since = waits?.since ?? run.created_at;
  const what = row.gone ? t.flow.waits.begun : waitText(waits, now);
  return (
    <div role="row" data-queued={run.id} className={clsx("relative min-h-11 px-4 py-1.5 text-sm hover:bg-hover", COLUMNS, row.gone && "opacity-45")}>
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <StatusIcon status="queued" />
        <Link to={`/executions/${run.id}`} title={run.id} className="shrink-0 truncate font-medium -outline-offset-2 after:absolute after:inset-0">
          {run.workflow}
        </Link>
        <Keys keys={run.keys} onKey={onKey && ((key) => onKey({ workflow: shortName(qualifiedName(run)), key }))} />
      </span>
      <span role="cell" className="min-w-0 truncate text-soft max-md:order-3 max-md:col-span-2 max-md:pl-6 max-md:whitespace-normal" title={(waits?.until ?? null) === null ? undefined : exactTime(waits?.until as string)}>
        {what}
        {waits?.place === undefined || row.gone ? null : <span className="md:hidden"> · {t.flow.place(waits.place)}</span>}
      </span>
      <span role="cell" className="tabular text-soft max-md:hidden" title={t.flow.placeHint}>
        {waits?.place === undefined || row.gone ? t.common.none : t.flow.place(waits.place)}
      </span>
      <span role="cell" className={clsx("tabular max-md:hidden", run.priority === 3 ? "text-dim" : "text-ink")}>
        {t.flow.list.priorities[run.priority] ?? run.priority}
      </span>
      <span role="cell" className="text-soft max-md:text-xs">
        <RunningDuration since={since} />
      </span>
      <span role="cell" className="relative flex justify-end max-md:hidden">
        {row.gone ? null : <IconButton label={t.flow.list.remove(run.workflow)} icon={<X size={14} />} onClick={() => onLeave(run)} />}
      </span>
    </div>
  );
}

const KEYS_SHOWN = 2;

export function Keys({ keys, onKey }: { keys: Record<string, string>; onKey?: (key: string) => void }) {
  const texts = Object.entries(keys).map(([expression, key]) => ({ key, text: keyText({ expression, key }) }));
  if (texts.length === 0) return null;
  return (
    <span className="flex min-w-0 gap-1.5 overflow-hidden" title={texts.map(({ text }) => text).join("\n")}>
      {texts.slice(0, KEYS_SHOWN).map(({ key, text }) =>
        onKey === undefined || key === "" ? (
          <Badge key={text} mono>
            {text}
          </Badge>
        ) : (
          <button key={text} type="button" aria-label={t.flow.list.onlyKey(text)} onClick={() => onKey(key)} className="relative inline-flex min-w-0 rounded-sm -outline-offset-2 hover:brightness-95">
            <Badge mono>{text}</Badge>
          </button>
        ),
      )}
    </span>
  );
}
