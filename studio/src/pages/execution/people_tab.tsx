import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { taskQuery, tasksOfRunQuery } from "../../api/queries";
import type { Execution, TaskExecution } from "../../api/types";
import { TaskHistory } from "../../human/task_history";
import { forWhom, TaskStatusBadge } from "../../human/task_words";
import { t } from "../../messages";

/** The question to people that this run of a task asked. */
export function useAsked(execution: Execution, task: TaskExecution | null): string | undefined {
  const { data } = useQuery({ ...tasksOfRunQuery(execution.id), enabled: task?.kind === "call" });
  return data?.items.find((one) => one.task_id === task?.id)?.id;
}

/** What became of the question that this task asked: who was asked, reminded, and answered, and when. */
export function PeopleTab({ id }: { id: string }) {
  const { data } = useQuery(taskQuery(id));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 md:px-6">
      {data === undefined ? (
        <p className="text-sm text-dim">{t.common.loading}</p>
      ) : (
        <>
          <p className="mb-4 flex flex-wrap items-center gap-2 text-sm">
            <TaskStatusBadge status={data.status} />
            <Link to={`/inbox/${data.id}`} className="rounded-sm text-accent-ink hover:underline">
              {data.title}
            </Link>
            <span className="text-soft">{forWhom(data)}</span>
          </p>
          <TaskHistory history={data.history} />
        </>
      )}
    </div>
  );
}
