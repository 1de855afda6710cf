import type { ReactNode } from "react";
import { t } from "../messages";
import { Button } from "./button";
import { PageProblem } from "./problem_panel";
import { SkeletonRows } from "./skeleton";

/** What is needed here of an infinite query. */
interface Paged {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface Props<T> {
  query: Paged;
  /** What is shown of what has been fetched. */
  items: T[];
  label: string;
  row: (item: T) => ReactNode;
  empty: ReactNode;
}

/** A list that is fetched page by page: what stands there while it loads, when it failed, when there is nothing, and the way to more. */
export function PagedList<T>({ query, items, label, row, empty }: Props<T>) {
  if (query.isPending) return <SkeletonRows label={t.common.loading} />;
  if (query.isError && items.length === 0) return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {items.length > 0 ? <ul aria-label={label}>{items.map(row)}</ul> : query.hasNextPage ? null : empty}
      <ShowMore query={query} />
    </>
  );
}

/** The next page of a list; nothing at its end. */
export function ShowMore({ query }: { query: Pick<Paged, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"> }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center py-4">
      <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t.common.showMore}
      </Button>
    </div>
  );
}
