import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Execution, TaskExecution } from "../api/types";
import { humanDuration } from "../lib/time";
import { usePhone } from "../lib/use_media";
import { useNow } from "../lib/use_now";
import { t } from "../messages";
import { toRows } from "./rows";
import { scaleOf, ticksOf } from "./scale";
import { TimelineRow } from "./timeline_row";

const ROW_HEIGHT = 32;
const TICKS_MAX = 7;
const TICKS_PHONE_MAX = 2;

interface Props {
  execution: Execution;
  selected: number | null;
  onSelect: (task: TaskExecution) => void;
  /** Clicked, or Enter: where there is no room beside, the details take the timeline's place. */
  onOpen: (task: TaskExecution) => void;
}

/** Task executions over time. A listbox: arrows move, left and right fold a task that holds others. */
export function Timeline({ execution, selected, onSelect, onOpen }: Props) {
  const phone = usePhone();
  const running = execution.finished_at === null;
  const now = useNow(250, running);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => toRows(execution.tasks, closed), [execution.tasks, closed]);
  const scale = scaleOf(execution.started_at ?? execution.created_at, execution.finished_at, execution.tasks, now);
  const ticks = ticksOf(scale, phone ? TICKS_PHONE_MAX : TICKS_MAX);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 12 });
  const at = rows.findIndex((row) => row.task.id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);

  const fold = (id: number, close: boolean) => {
    const next = new Set(closed);
    if (close) next.add(id);
    else next.delete(id);
    setClosed(next);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const row = rows[at];
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const target = event.key === "Home" ? 0 : event.key === "End" ? rows.length - 1 : step === 0 ? null : Math.max(0, at + step);
    const next = target === null ? undefined : rows[target];
    if (next !== undefined) onSelect(next.task);
    else if (event.key === "Enter" && row !== undefined) onOpen(row.task);
    else if (event.key === "ArrowLeft" && row?.open) fold(row.task.id, true);
    else if (event.key === "ArrowRight" && row !== undefined && row.children > 0) fold(row.task.id, false);
    else return;
    event.preventDefault();
  };

  return (
    <div className="flex min-h-0 flex-1 flex-col text-sm">
      <div className="grid shrink-0 grid-cols-[minmax(200px,34%)_1fr] border-b text-xs text-dim">
        <span className="px-4 py-1.5 md:px-6">{t.timeline.task}</span>
        <span className="relative mr-26" aria-hidden="true">
          {ticks.map((tick) => (
            <span
              key={tick}
              className="tabular absolute top-1.5 -translate-x-1/2 whitespace-nowrap first:translate-x-0"
              style={{ left: `${(tick / (scale.to - scale.from)) * 100}%` }}
            >
              {tick === 0 ? "0" : humanDuration(tick)}
            </span>
          ))}
        </span>
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <div
          role="listbox"
          tabIndex={0}
          aria-label={t.timeline.label}
          aria-activedescendant={at < 0 ? undefined : `row-${selected}`}
          onKeyDown={onKeyDown}
          className="relative focus-visible:-outline-offset-2"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <TimelineRow
                key={row.task.id}
                row={row}
                scale={scale}
                now={now}
                top={item.start}
                selected={row.task.id === selected}
                onOpen={onOpen}
                onFold={fold}
              />
            );
          })}
        </div>
        {execution.tasks_total > execution.tasks.length ? (
          <p className="px-6 py-2 text-xs text-dim">{t.timeline.cut(execution.tasks.length, execution.tasks_total)}</p>
        ) : null}
      </div>
    </div>
  );
}
