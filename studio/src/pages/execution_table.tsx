import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { Link } from "react-router";
import type { ExecutionSummary } from "../api/types";
import { t } from "../messages";
import { ColumnHeads } from "../ui/column_heads";
import { CopyableId } from "../ui/copy_button";
import { Badge } from "../ui/badge";
import { StatusLabel } from "../ui/status_pill";
import { Duration, RelativeTime, RunningDuration } from "../ui/time_text";
import { Spinner } from "../ui/spinner";

const ROW_HEIGHT = 44;
const PHONE_ROW_HEIGHT = 62;
const COLUMNS = "grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 md:grid-cols-[124px_minmax(180px,1fr)_170px_90px_100px_100px] md:gap-x-4 md:gap-y-0";

interface Props {
  items: ExecutionSummary[];
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
  phone: boolean;
  /** Rows that the list does not hold any more. */
  gone?: ReadonlySet<string>;
  /** The first row in sight. */
  onFirst?: (index: number) => void;
}

/** A list of any length: rows are drawn as they come into sight, pages fetched as the end comes near. */
export function ExecutionTable({ items, hasMore, loadingMore, onMore, phone, gone, onFirst }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? PHONE_ROW_HEIGHT : ROW_HEIGHT),
    overscan: 10,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  const first = virtual.range?.startIndex ?? 0;
  useEffect(() => virtual.measure(), [phone, virtual]);
  useEffect(() => onFirst?.(first), [first, onFirst]);
  useEffect(() => {
    if (hasMore && !loadingMore && last >= items.length - 5) onMore();
  }, [hasMore, loadingMore, last, items.length, onMore]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto" role="table" aria-label={t.executions.title} aria-rowcount={hasMore ? -1 : items.length}>
      <div role="rowgroup" className="sticky top-0 z-10 bg-page max-md:sr-only">
        <div role="row" className={`border-b px-4 py-2 text-xs text-dim md:px-6 ${COLUMNS}`}>
          <ColumnHeads columns={t.executions.columns} />
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => {
          const item = items[row.index];
          return item === undefined ? null : <ExecutionRow key={item.id} item={item} gone={gone?.has(item.id) === true} top={row.start} height={row.size} index={row.index} />;
        })}
      </div>
      {loadingMore ? (
        <p className="flex items-center justify-center gap-2 py-3 text-xs text-dim">
          <Spinner /> {t.common.loadingMore}
        </p>
      ) : null}
    </div>
  );
}

interface RowProps {
  item: ExecutionSummary;
  gone: boolean;
  top: number;
  height: number;
  index: number;
}

/** Drawn anew when it changes, not with each step of the wheel. */
const ExecutionRow = memo(function ExecutionRow({ item, gone, top, height, index }: RowProps) {
  const running = item.finished_at === null && item.started_at !== null;
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      data-execution={item.id}
      title={gone ? t.executions.gone : undefined}
      className={`absolute inset-x-0 content-center border-b px-4 text-sm hover:bg-hover md:px-6 ${gone ? "opacity-50" : ""} ${COLUMNS}`}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <span role="cell" className="order-1 flex items-center max-md:order-2 max-md:justify-end">
        <StatusLabel status={item.status} />
      </span>
      <span role="cell" className="order-1 flex min-w-0 items-center gap-2">
        <Link to={`/executions/${item.id}`} className="truncate font-medium -outline-offset-2 after:absolute after:inset-0">
          {item.workflow}
        </Link>
        <span className="flex max-w-40 min-w-0 shrink-0">
          <Badge mono title={item.version}>
            {item.version}
          </Badge>
        </span>
        {item.error === null ? null : (
          <span className="truncate text-soft max-lg:hidden" title={item.error.detail ?? undefined}>
            {item.error.title ?? item.error.type}
          </span>
        )}
      </span>
      <span role="cell" className="relative order-3 flex items-center justify-self-start max-md:hidden">
        <CopyableId id={item.id} short />
      </span>
      <span role="cell" className="order-3 text-soft max-md:hidden">
        {t.trigger(item.trigger)}
      </span>
      <span role="cell" className="order-3 text-soft max-md:order-4 max-md:text-right max-md:text-xs">
        {running ? <RunningDuration since={item.started_at ?? item.created_at} /> : <Duration ms={item.duration_ms} />}
      </span>
      <span role="cell" className="order-4 text-soft max-md:order-3 max-md:text-xs">
        <RelativeTime iso={item.created_at} />
      </span>
    </div>
  );
});
