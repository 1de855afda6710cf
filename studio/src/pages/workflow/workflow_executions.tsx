import { useInfiniteQuery } from "@tanstack/react-query";
import { ListVideo, Play } from "lucide-react";
import { useCallback, useMemo } from "react";
import { executionsQuery } from "../../api/queries";
import { useMedia } from "../../lib/use_media";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { ExecutionTable } from "../execution_table";

const REFRESH_MS = 4000;

export function WorkflowExecutions({ name, onRun }: { name: string; onRun: () => void }) {
  const query = useInfiniteQuery({ ...executionsQuery({ workflow: name }), refetchInterval: REFRESH_MS });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const phone = useMedia("(max-width: 767px)");
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  if (query.isPending) return <SkeletonRows label={t.common.loading} />;
  if (query.isError && items.length === 0) {
    return (
      <div className="p-4 md:p-6">
        <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  if (items.length === 0) {
    return (
      <EmptyState
        icon={<ListVideo size={18} />}
        title={t.executions.none}
        actions={
          <Button tone="primary" icon={<Play size={14} />} onClick={onRun}>
            {t.run.button}
          </Button>
        }
      >
        {t.executions.noneOfWorkflow}
      </EmptyState>
    );
  }
  return <ExecutionTable items={items} hasMore={query.hasNextPage} loadingMore={query.isFetchingNextPage} onMore={more} phone={phone} />;
}
