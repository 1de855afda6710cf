import { useInfiniteQuery, useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { executionsQuery } from "../api/queries";
import { watchExecutions, type ExecutionFilter } from "../api/executions";
import type { ExecutionSummary, Page } from "../api/types";
import { cursorAt, newsOf, type Part } from "./list_news";

const LOOK_MS = 3000;

interface Watched {
  etag: string | null;
  page: Page<ExecutionSummary>;
}

/**
 * A list of runs that stays where it is while one reads it: rows change in their place, and what is new at the top is counted until
 * somebody asks for it. Two small questions every few seconds, which the server answers with nothing while nothing has changed.
 */
export function useLiveList(filter: ExecutionFilter) {
  const client = useQueryClient();
  const options = executionsQuery(filter);
  const query = useInfiniteQuery(options);
  const pages = query.data?.pages;
  const [first, setFirst] = useState(0);
  const shown = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const head = useWatched(filter, null, query.isSuccess);
  const start = useMemo(() => pageStart(pages ?? [], first), [pages, first]);
  const top = shown[0];
  const moved = head !== undefined && top !== undefined && head.page.items[0]?.id !== top.id;
  const anchor = shown[start];
  const window = useWatched(filter, anchor === undefined ? null : cursorAt(anchor), anchor !== undefined && (start > 0 || moved));
  const news = useMemo(() => newsOf(shown, partOf(head), partOf(window)), [shown, head, window]);
  const { queryKey } = options;
  const showNew = useCallback(() => {
    if (head === undefined) return;
    client.setQueryData(queryKey, { pages: [head.page], pageParams: [null] });
  }, [client, head, queryKey]);
  // Where nothing is read, nothing can be shaken.
  const empty = query.isSuccess && shown.length === 0;
  useEffect(() => {
    if (empty && news.fresh > 0) showNew();
  }, [empty, news.fresh, showNew]);
  return { query, news, showNew, onFirst: setFirst };
}

const partOf = (watched: Watched | undefined): Part | undefined => watched && { items: watched.page.items, whole: watched.page.next_cursor === null };

/** The index at which the page with this row begins. */
function pageStart(pages: Page<ExecutionSummary>[], row: number): number {
  let start = 0;
  for (const page of pages) {
    if (row < start + page.items.length) return start;
    start += page.items.length;
  }
  return 0;
}

function useWatched(filter: ExecutionFilter, cursor: string | null, enabled: boolean): Watched | undefined {
  const client = useQueryClient();
  const queryKey: QueryKey = ["executions", "watch", filter, cursor];
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Watched> => {
      const before = client.getQueryData<Watched>(queryKey);
      const answer = await watchExecutions(filter, cursor, before?.etag ?? "\"\"", signal);
      return answer === null && before !== undefined ? before : { etag: answer?.etag ?? null, page: answer?.body ?? { items: [], next_cursor: null } };
    },
    enabled,
    refetchInterval: LOOK_MS,
    gcTime: 10_000,
  });
  return enabled ? data : undefined;
}
