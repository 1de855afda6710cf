import type { TaskAct } from "../api/tasks";
import { isMapping } from "../form/shape";
import { t } from "../messages";
import { RelativeTime } from "../ui/time_text";

/** Who did what and when. */
export function TaskHistory({ history }: { history: TaskAct[] }) {
  return (
    <section aria-label={t.inbox.history.title} className="border-t pt-4 pb-6">
      <h2 className="text-sm font-semibold">{t.inbox.history.title}</h2>
      <ol className="mt-2 flex flex-col gap-1.5 text-sm">
        {history.map((act, index) => (
          <li key={index} className="flex flex-wrap items-baseline gap-x-2">
            <span className="size-1.5 shrink-0 self-center rounded-full bg-line-hover" aria-hidden="true" />
            <span>{t.inbox.history.acts[act.act] ?? act.act}</span>
            <span className="text-soft">{[act.by, more(act)].filter((one) => one !== null && one !== "").join(": ")}</span>
            <span className="text-dim">
              <RelativeTime iso={act.time} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function more({ detail }: TaskAct): string {
  if (detail === null) return "";
  const to = isMapping(detail.to) ? (detail.to.assignee ?? detail.to.role) : detail.assignee;
  const parts = [
    typeof to === "string" ? t.inbox.history.to(to) : "",
    typeof detail.decision === "string" ? detail.decision : "",
    typeof detail.reason === "string" ? detail.reason : "",
  ].filter((one) => one !== "");
  return parts.join(", ");
}
