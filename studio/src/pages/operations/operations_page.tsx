import { useInfiniteQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { Link } from "react-router";
import { itemsOf, operationsQuery } from "../../api/queries";
import type { Operation } from "../../api/operations";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { RelativeTime } from "../../ui/time_text";
import { Progress } from "./progress";
import { StateLabel } from "./state_label";

export function OperationsPage() {
  useTitle(t.operations.title);
  const query = useInfiniteQuery({
    ...operationsQuery,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.items.some((one) => one.state === "running") ? 1000 : 5000),
  });
  const items = itemsOf(query.data);
  return (
    <>
      <PageHeader crumbs={[{ label: t.nav.executions, to: "/executions" }]} title={t.operations.title} note={t.operations.note} />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        <PagedList
          query={query}
          items={items}
          label={t.operations.title}
          row={(one) => <Row key={one.id} operation={one} />}
          empty={
            <EmptyState
              icon={<Layers size={18} />}
              title={t.operations.none}
              actions={
                <Link to="/executions" className={buttonClass("primary")}>
                  {t.operations.toExecutions}
                </Link>
              }
            >
              {t.operations.noneDetail}
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

function Row({ operation }: { operation: Operation }) {
  return (
    <li className="relative grid grid-cols-1 items-center gap-x-5 gap-y-2 border-b px-4 py-3 hover:bg-hover md:grid-cols-[110px_minmax(0,1fr)_minmax(0,1fr)_110px] md:px-6">
      <StateLabel state={operation.state} />
      <span className="min-w-0">
        <Link to={`/operations/${operation.id}`} className="block truncate text-sm font-medium after:absolute after:inset-0">
          {t.operations.acts[operation.act]}
        </Link>
        {operation.reason === null ? null : <span className="block truncate text-xs text-soft">{operation.reason}</span>}
      </span>
      <Progress operation={operation} />
      <span className="text-xs text-soft md:text-right">
        <RelativeTime iso={operation.created_at} />
      </span>
    </li>
  );
}
