import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import type { TaskExecution } from "../api/types";
import { exactDuration, humanDuration } from "../lib/time";
import { taskDetail } from "../lib/task_detail";
import { t } from "../messages";
import { KindIcon } from "../ui/kind_icon";
import { StatusIcon } from "../ui/status_icon";
import type { Row } from "./rows";
import { barOf, type Scale } from "./scale";

interface Props {
  row: Row;
  scale: Scale;
  now: number;
  top: number;
  selected: boolean;
  onOpen: (task: TaskExecution) => void;
  onFold: (id: number, close: boolean) => void;
}

export function TimelineRow({ row, scale, now, top, selected, onOpen, onFold }: Props) {
  const { task } = row;
  const bar = barOf(scale, task, now);
  const ms = task.duration_ms ?? Math.max(0, now - Date.parse(task.started_at));
  const tone = task.status === "skipped" ? "pending" : task.status;
  return (
    <div
      id={`row-${task.id}`}
      role="option"
      aria-selected={selected}
      data-task-row={task.name}
      onClick={() => onOpen(task)}
      className={clsx(
        "absolute inset-x-0 grid h-8 grid-cols-[minmax(200px,34%)_1fr] items-center",
        selected ? "bg-accent-soft" : "hover:bg-hover",
      )}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className="flex min-w-0 items-center gap-2 pr-3 pl-4 md:pl-6">
        <span className="flex shrink-0 items-center" style={{ paddingLeft: row.depth * 16 }}>
          {row.children > 0 ? (
            <ChevronRight
              size={14}
              className={clsx("-ml-1 mr-1 text-dim transition-transform duration-120", row.open && "rotate-90")}
              onClick={(event) => {
                event.stopPropagation();
                onFold(task.id, row.open);
              }}
            />
          ) : (
            <span className="-ml-1 mr-1 w-3.5" />
          )}
          <StatusIcon status={task.status} size={15} />
          <span className="sr-only">{t.status[task.status]}</span>
        </span>
        <span className="shrink-0 text-dim">
          <KindIcon kind={task.kind} detail={taskDetail(task)} size={13} />
        </span>
        <span className="truncate">{task.name}</span>
        {task.iteration === null ? null : <span className="tabular shrink-0 text-xs text-dim">#{task.iteration + 1}</span>}
        {task.attempts > 1 ? (
          <span title={t.timeline.attempts(task.attempts)} className="tabular shrink-0 rounded-sm bg-waiting-soft px-1 text-[11px] leading-4 text-waiting">
            ×{task.attempts}
          </span>
        ) : null}
      </span>
      <span className="relative mr-26 h-full">
        <span
          className={clsx("absolute top-[9px] h-[14px] min-w-1 rounded-[3px]", task.status === "running" && "animate-pulse")}
          style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%`, background: `var(--bar-${tone})` }}
        />
        <span
          title={exactDuration(ms)}
          className="tabular absolute top-1/2 -translate-y-1/2 pl-2 text-xs whitespace-nowrap text-soft"
          style={{ left: `max(${(bar.left + bar.width) * 100}%, ${bar.left * 100}% + 4px)` }}
        >
          {humanDuration(ms)}
        </span>
      </span>
    </div>
  );
}
