import { clsx } from "clsx";
import { BellRing } from "lucide-react";
import { Link } from "react-router";
import type { TaskSummary } from "../../api/tasks";
import { DueIn } from "../../human/due_in";
import { forWhom, TaskStatusBadge } from "../../human/task_words";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";

interface Props {
  items: TaskSummary[];
  chosen: string | undefined;
  hasMore: boolean;
  onMore: () => void;
  /** Of the address, kept along. */
  search: string;
}

export function TaskList({ items, chosen, hasMore, onMore, search }: Props) {
  return (
    <ul className="flex flex-col border-t">
      {items.map((task) => (
        <li key={task.id} className="border-b">
          <TaskRow task={task} chosen={task.id === chosen} search={search} />
        </li>
      ))}
      {hasMore ? (
        <li className="p-3 text-center">
          <Button size="sm" onClick={onMore}>
            {t.common.showMore}
          </Button>
        </li>
      ) : null}
    </ul>
  );
}

function TaskRow({ task, chosen, search }: { task: TaskSummary; chosen: boolean; search: string }) {
  return (
    <Link
      to={{ pathname: `/inbox/${task.id}`, search }}
      data-human-task={task.id}
      aria-current={chosen ? "true" : undefined}
      className={clsx("flex flex-col gap-0.5 px-4 py-2.5 -outline-offset-2 md:px-6", chosen ? "bg-press" : "hover:bg-hover")}
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{task.title}</span>
        <span className="text-xs text-dim">
          <RelativeTime iso={task.ended_at ?? task.created_at} />
        </span>
      </span>
      <span className="flex items-center gap-x-2 text-xs text-soft">
        <span className="min-w-0 flex-1 truncate">
          {task.workflow} · {forWhom(task)}
        </span>
        {task.status === "open" ? <Urgency task={task} /> : <TaskStatusBadge status={task.status} />}
      </span>
    </Link>
  );
}

function Urgency({ task }: { task: TaskSummary }) {
  return (
    <>
      {task.reminders === 0 ? null : <BellRing size={13} aria-label={t.inbox.reminded(task.reminders)} className="shrink-0 text-waiting" />}
      {task.deadline === null ? null : <DueIn iso={task.deadline} />}
    </>
  );
}
