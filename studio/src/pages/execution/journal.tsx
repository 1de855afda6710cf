import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { journalQuery } from "../../api/queries";
import type { Execution, JournalEvent } from "../../api/types";
import { clockTime, exactTime } from "../../lib/time";
import { t } from "../../messages";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";

const ROW_HEIGHT = 28;
const KNOWN = new Set(["seq", "time", "type", "ref", "name", "task_id", "parent_id", "kind"]);

/** The execution's events as they were recorded. */
export function Journal({ execution }: { execution: Execution }) {
  const query = useQuery(journalQuery(execution.id));
  const events = query.data ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: events.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 20 });
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (query.isError) {
    return (
      <div className="p-4">
        <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <div ref={scroller} tabIndex={0} role="group" aria-label={t.execution.views.journal} className="min-h-0 flex-1 overflow-auto -outline-offset-2">
      <ol className="relative min-w-140 text-xs" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const event = events[item.index];
          return event === undefined ? null : <EventRow key={event.seq} event={event} top={item.start} />;
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
