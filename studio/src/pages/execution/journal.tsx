import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { JOURNAL_PAGE, journalPageQuery } from "../../api/queries";
import type { Execution, JournalEvent } from "../../api/types";
import { clockTime, exactTime } from "../../lib/time";
import { t } from "../../messages";
import { PageProblem } from "../../ui/problem_panel";

const ROW_HEIGHT = 28;
/** Of an execution whose events are not counted, because it is too large to be read whole. */
const UNCOUNTED_MAX = 50_000;
const KNOWN = new Set(["seq", "time", "type", "ref", "name", "task_id", "parent_id", "kind"]);

/** The execution's events as they were recorded, however many: those in sight are fetched, by their numbers. */
export function Journal({ execution }: { execution: Execution }) {
  const total = execution.events ?? UNCOUNTED_MAX;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 20 });
  const rows = virtual.getVirtualItems();
  const pages = [...new Set(rows.map((row) => Math.floor(row.index / JOURNAL_PAGE)))];
  const queries = useQueries({ queries: pages.map((page) => journalPageQuery(execution.id, page, total)) });
  const failed = queries.find((query) => query.isError);
  if (failed !== undefined) return <PageProblem error={failed.error} onRetry={() => void failed.refetch()} />;
  const eventAt = (index: number) => queries[pages.indexOf(Math.floor(index / JOURNAL_PAGE))]?.data?.[index % JOURNAL_PAGE];
  return (
    <div ref={scroller} tabIndex={0} role="group" aria-label={t.execution.views.journal} className="min-h-0 flex-1 overflow-auto -outline-offset-2">
      <ol className="relative min-w-140 text-xs" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => {
          const event = eventAt(row.index);
          return event?.seq === row.index + 1 ? <EventRow key={row.index} event={event} top={row.start} /> : null;
        })}
      </ol>
    </div>
  );
}

function EventRow({ event, top }: { event: JournalEvent; top: number }) {
  const rest = Object.entries(event).filter(([key, value]) => !KNOWN.has(key) && value !== undefined && value !== null);
  const payload = rest.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join("  ");
  return (
    <li
      className="absolute inset-x-0 grid h-7 grid-cols-[44px_104px_150px_150px_1fr] items-center gap-2 border-b px-4 md:px-6"
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className="tabular text-right text-dim">{event.seq}</span>
      <time dateTime={event.time} title={exactTime(event.time)} className="tabular text-soft">
        {clockTime(event.time)}
      </time>
      <span className={`truncate font-mono ${/fault|fail|error/.test(event.type) ? "text-faulted" : "text-ink"}`}>{event.type}</span>
      <span className="truncate" title={event.ref}>
        {event.name ?? ""}
      </span>
      <span className="truncate font-mono text-dim" title={payload.slice(0, 2000)}>
        {payload.slice(0, 400)}
      </span>
    </li>
  );
}
