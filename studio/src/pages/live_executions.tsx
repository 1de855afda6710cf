import { ArrowUp } from "lucide-react";
import { useCallback, useRef, type ReactNode } from "react";
import type { ExecutionFilter } from "../api/executions";
import { useMedia } from "../lib/use_media";
import { useLiveList } from "../live/use_live_list";
import { t } from "../messages";
import { PageProblem } from "../ui/problem_panel";
import { SkeletonRows } from "../ui/skeleton";
import { ExecutionTable } from "./execution_table";

/** The runs of a filter, which change in their place and tell of new ones. `empty`: what stands there when there are none. */
export function LiveExecutions({ filter, empty }: { filter: ExecutionFilter; empty: ReactNode }) {
  const { query, news, showNew, onFirst } = useLiveList(filter);
  const phone = useMedia("(max-width: 767px)");
  const place = useRef<HTMLDivElement>(null);
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  if (query.isPending) return <SkeletonRows label={t.common.loading} />;
  if (query.isError && news.items.length === 0) return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  if (news.items.length === 0 && !query.hasNextPage) return empty;
  const show = () => {
    showNew();
    place.current?.querySelector("[role=table]")?.scrollTo({ top: 0 });
  };
  return (
    <div ref={place} className="relative flex min-h-0 flex-1 flex-col">
      <div role="status">
        {news.fresh === 0 ? null : (
          <button
            type="button"
            onClick={show}
            className="absolute inset-x-0 top-10 z-20 mx-auto flex w-max items-center gap-1.5 rounded-full bg-button px-3 py-1 text-xs font-medium text-on-button shadow-pop hover:bg-button-hover max-md:top-2"
          >
            <ArrowUp size={13} /> {t.executions.fresh(news.fresh, news.more)}
          </button>
        )}
      </div>
      <ExecutionTable
        items={news.items}
        gone={news.gone}
        hasMore={query.hasNextPage}
        loadingMore={query.isFetchingNextPage}
        onMore={more}
        phone={phone}
        onFirst={onFirst}
      />
    </div>
  );
}
