import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { gatesQuery } from "../../api/queries";
import { t } from "../../messages";
import { StatusIcon } from "../../ui/status_icon";

const REFRESH_MS = 4000;

/** Lists of executions have what has begun; this is the way to the rest. Nothing when nothing waits. */
export function NotBegunLine({ workflow }: { workflow: string }) {
  const { data } = useQuery({ ...gatesQuery(workflow), refetchInterval: ({ state }) => (state.error === null ? REFRESH_MS : false), retry: false });
  if (data === undefined || data.queued === 0) return null;
  return (
    <p data-not-begun={data.queued} className="mx-4 mb-3 flex flex-wrap items-center gap-x-2.5 gap-y-1 rounded-md border border-queued-line bg-queued-soft px-3 py-2 text-sm md:mx-6">
      <StatusIcon status="queued" />
      <span>{t.flow.notBegun(data.queued)}</span>
      <Link to={`/queue${workflow === "" ? "" : `?workflow=${encodeURIComponent(workflow)}`}`} className="rounded-sm font-medium text-accent-ink hover:underline">
        {t.flow.notBegunLink}
      </Link>
    </p>
  );
}
