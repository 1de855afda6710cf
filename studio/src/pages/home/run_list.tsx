import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router";
import type { ExecutionSummary, Page } from "../../api/types";
import { t } from "../../messages";
import { StatusIcon } from "../../ui/status_icon";
import { SkeletonRows } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";

interface Props {
  title: string;
  empty: string;
  all: string;
  query: UseQueryResult<Page<ExecutionSummary>>;
}

export function RunList({ title, empty, all, query }: Props) {
  const items = query.data?.items ?? [];
  return (
    <section className="flex min-w-0 flex-col overflow-hidden rounded-lg border bg-surface">
      <header className="flex items-center justify-between border-b px-4 py-2.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        <Link to={all} className="inline-flex h-6 items-center rounded-sm text-xs text-soft hover:text-ink">
          {t.home.all}
          <span className="sr-only"> {title}</span>
        </Link>
      </header>
      {query.isPending ? (
        <SkeletonRows rows={3} label={t.common.loading} />
      ) : items.length === 0 ? (
        <p className="flex min-h-28 flex-1 items-center justify-center px-4 text-sm text-dim">{empty}</p>
      ) : (
        <ul className="divide-y">
          {items.map((item) => (
            <li key={item.id} className="relative flex h-10 items-center gap-2.5 px-4 text-sm hover:bg-hover">
              <StatusIcon status={item.status} />
              <Link to={`/executions/${item.id}`} className="max-w-2/3 shrink-0 truncate font-medium -outline-offset-2 after:absolute after:inset-0">
                {item.workflow}
              </Link>
              <span className="min-w-0 flex-1 truncate text-soft">{item.error?.title ?? item.error?.detail ?? t.status[item.status]}</span>
              <span className="shrink-0 text-dim">
                <RelativeTime iso={item.created_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
