import { clsx } from "clsx";
import type { TaskStatus } from "../api/tasks";
import { t } from "../messages";

/** Who is asked, in words. */
export function forWhom(task: { assignee: string | null; role: string | null }): string {
  if (task.assignee !== null) return t.inbox.for.assignee(task.assignee);
  return task.role === null ? t.inbox.for.anybody : t.inbox.for.role(task.role);
}

const TONES: Record<TaskStatus, string> = {
  open: "border-waiting-line bg-waiting-soft text-waiting",
  answered: "border-completed-line bg-completed-soft text-completed",
  expired: "border-faulted-line bg-faulted-soft text-faulted",
  cancelled: "border-line bg-sunken text-soft",
};

export function TaskStatusBadge({ status }: { status: TaskStatus }) {
  return <span className={clsx("inline-flex h-5 shrink-0 items-center rounded-sm border px-1.5 text-xs font-medium", TONES[status])}>{t.inbox.status[status]}</span>;
}
