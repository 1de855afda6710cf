import { useQuery } from "@tanstack/react-query";
import { taskCountQuery } from "../api/queries";
import { t } from "../messages";

/** How many tasks wait for people; nothing when none does. */
export function InboxCount() {
  const { data } = useQuery(taskCountQuery);
  if (data === undefined || data.open === 0) return null;
  return (
    <span title={t.inbox.waiting(data.open, data.is_more)} data-inbox-count className="tabular ml-auto inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-accent px-1.25 text-[11px] leading-none font-semibold text-on-accent">
      {data.open > 99 ? "99+" : data.open}
    </span>
  );
}
