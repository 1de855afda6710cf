import { useQuery } from "@tanstack/react-query";
import { UserCheck } from "lucide-react";
import { Link } from "react-router";
import { tasksOfRunQuery } from "../../api/queries";
import type { TaskSummary } from "../../api/tasks";
import type { Execution } from "../../api/types";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";

const REFRESH_MS = 4000;

/** The question to people that a task of this run waits for, if that is what it waits for. */
export function useHumanTask(execution: Execution, ref: string, waits: boolean): TaskSummary | undefined {
  const { data } = useQuery({ ...tasksOfRunQuery(execution.id), enabled: waits, refetchInterval: REFRESH_MS });
  return data?.items.find((task) => task.ref === ref && task.status === "open");
}

export function whomItWaitsFor(task: TaskSummary): string {
  if (task.assignee !== null) return t.inbox.onRun.waitsFor.assignee(task.assignee);
  return task.role === null ? t.inbox.onRun.waitsFor.anybody : t.inbox.onRun.waitsFor.role(task.role);
}

export function AnswerLink({ task }: { task: TaskSummary }) {
  return (
    <Link to={`/inbox/${task.id}`} className={`${buttonClass("secondary", "sm")} ml-auto`}>
      <UserCheck size={13} />
      {t.inbox.onRun.open}
    </Link>
  );
}
