import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { workflowsQuery } from "../../api/queries";
import { useDebounced } from "../../lib/use_debounced";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { Kbd } from "../../ui/kbd";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SearchField } from "../../ui/search_field";
import { SkeletonRows } from "../../ui/skeleton";
import { FirstWorkflow } from "./first_workflow";
import { WorkflowRow } from "./workflow_row";

const REFRESH_MS = 5000;

export function WorkflowsPage() {
  useTitle(t.nav.workflows);
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const query = useInfiniteQuery({ ...workflowsQuery(useDebounced(search.trim(), 150)), refetchInterval: REFRESH_MS });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const setSearch = (text: string) => setParams(text === "" ? {} : { q: text }, { replace: true });
  const empty = query.isSuccess && items.length === 0;
  if (empty && search === "") return <FirstWorkflow />;
  return (
    <>
      <PageHeader
        title={t.nav.workflows}
        actions={
          <>
            <SearchField label={t.workflows.search} value={search} onChange={setSearch} />
            <Link to="/workflows/new" className={buttonClass("primary")}>
              <Plus size={15} />
              {t.workflows.create}
              <Kbd keys="c" quiet />
            </Link>
          </>
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {query.isPending ? (
          <SkeletonRows label={t.common.loading} />
        ) : query.isError && items.length === 0 ? (
          <div className="p-4 md:p-6">
            <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : empty ? (
          <EmptyState icon={<SearchX size={18} />} title={t.workflows.noneMatch(search)} actions={<Button onClick={() => setSearch("")}>{t.workflows.clearSearch}</Button>} />
        ) : (
          <ul aria-label={t.nav.workflows}>
            {items.map((one) => (
              <WorkflowRow key={`${one.namespace}.${one.name}`} workflow={one} ambiguous={items.filter((other) => other.name === one.name).length > 1} />
            ))}
          </ul>
        )}
        {query.hasNextPage ? (
          <div className="flex justify-center py-4">
            <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t.common.showMore}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}
