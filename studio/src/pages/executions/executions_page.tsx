import { useInfiniteQuery } from "@tanstack/react-query";
import { Layers, ListVideo } from "lucide-react";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { executionsQuery } from "../../api/queries";
import { useMedia } from "../../lib/use_media";
import { useNow } from "../../lib/use_now";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { ExecutionTable } from "../execution_table";
import { DeadLetters } from "./dead_letters";
import { ExecutionFilters } from "./filters";
import { isFiltered, NO_FILTER, toQuery, useFilter } from "./use_filter";

const ActDialog = lazy(() => import("../operations/act_dialog").then((module) => ({ default: module.ActDialog })));

const REFRESH_MS = 4000;
/** Beyond this many pages a refresh would fetch more than it is worth. */
const REFRESH_PAGES_MAX = 2;

export function ExecutionsPage() {
  useTitle(t.nav.executions);
  const [filter, change] = useFilter();
  const now = useNow(60_000);
  const query = useInfiniteQuery({
    ...executionsQuery(toQuery(filter, now)),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= REFRESH_PAGES_MAX ? REFRESH_MS : false),
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const phone = useMedia("(max-width: 767px)");
  const [acting, setActing] = useState(false);
  const filtered = isFiltered(filter);
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return (
    <>
      <PageHeader
        title={t.nav.executions}
        actions={
          <>
            <Link to="/operations" className={buttonClass("ghost")}>
              <Layers size={14} />
              {t.operations.see}
            </Link>
            <Button disabled={!filtered || items.length === 0} title={filtered ? undefined : t.executions.actOnAllFirst} onClick={() => setActing(true)}>
              {t.executions.actOnAll}
            </Button>
          </>
        }
      />
      <ExecutionFilters filter={filter} onChange={change} />
      <DeadLetters workflow={filter.workflow} />
      {query.isPending ? (
        <SkeletonRows label={t.common.loading} />
      ) : query.isError && items.length === 0 ? (
        <div className="px-4 md:px-6">
          <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
        </div>
      ) : items.length === 0 && !query.hasNextPage ? (
        <Nothing filtered={filtered} onClear={() => change(NO_FILTER)} />
      ) : (
        <ExecutionTable items={items} hasMore={query.hasNextPage} loadingMore={query.isFetchingNextPage} onMore={more} phone={phone} />
      )}
      {acting ? (
        <Suspense fallback={null}>
          <ActDialog filter={toQuery(filter, now)} onClose={() => setActing(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState icon={<ListVideo size={18} />} title={t.executions.noneMatch} actions={<Button onClick={onClear}>{t.executions.clear}</Button>}>
        {t.executions.noneMatchDetail}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<ListVideo size={18} />}
      title={t.executions.none}
      actions={
        <Link to="/workflows" className={buttonClass("primary")}>
          {t.executions.toWorkflows}
        </Link>
      }
    >
      {t.executions.noneDetail}
    </EmptyState>
  );
}
