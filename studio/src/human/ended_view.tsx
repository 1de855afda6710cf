import type { Task } from "../api/tasks";
import { t } from "../messages";
import { JsonTree } from "../ui/json_tree";
import { RelativeTime } from "../ui/time_text";

/** What became of it. */
export function EndedView({ task }: { task: Task }) {
  const { outcome } = task;
  const decision = task.decisions.find((one) => one.id === outcome?.decision)?.title ?? outcome?.decision ?? "";
  const comment = outcome?.comment ?? "";
  const values = outcome?.values ?? null;
  return (
    <section aria-label={t.inbox.status[task.status]} className="flex flex-col gap-3 border-t pt-4 text-sm">
      <p className="font-medium">
        {task.status === "answered"
          ? t.inbox.ended.answered(decision, outcome?.by ?? t.common.none)
          : task.status === "cancelled"
            ? t.inbox.ended.cancelled
            : decision === ""
              ? t.inbox.ended.expired
              : t.inbox.ended.expiredWith(decision)}{" "}
        {task.ended_at === null ? null : (
          <span className="font-normal text-soft">
            <RelativeTime iso={task.ended_at} />
          </span>
        )}
      </p>
      {comment === "" ? null : <blockquote className="border-l-2 border-line-strong pl-3 break-words whitespace-pre-wrap text-soft">{comment}</blockquote>}
      {values === null ? null : <JsonTree value={values} label={t.inbox.ended.values} />}
    </section>
  );
}
