import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { executionQuery } from "../../api/queries";
import { hasEnded } from "../../live/fold";
import { t } from "../../messages";
import { StatusPill } from "../../ui/status_pill";

const REFRESH_MS = 3000;

/** The way to the execution that a task runs. There is none when it could not be started. */
export function ChildRun({ id }: { id: string }) {
  const { data: child } = useQuery({
    ...executionQuery(id),
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && !hasEnded(state.data.status) ? REFRESH_MS : false),
  });
  if (child === undefined) return null;
  return (
    <p className="flex min-w-0 items-center gap-2 px-4 pb-2 text-sm md:px-6">
      <span className="shrink-0 text-soft">{t.detail.runs}</span>
      <Link to={`/executions/${id}`} className="min-w-0 truncate rounded-sm text-accent-ink hover:underline">
        {child.workflow}
      </Link>
      <StatusPill status={child.status} size="sm" />
    </p>
  );
}
