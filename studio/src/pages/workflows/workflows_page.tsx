import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { itemsOf, workflowsQuery } from "../../api/queries";
import { useDebounced } from "../../lib/use_debounced";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { Kbd } from "../../ui/kbd";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { SearchField } from "../../ui/search_field";
import { FirstWorkflow } from "./first_workflow";
import { WorkflowRow } from "./workflow_row";

const REFRESH_MS = 5000;

export function WorkflowsPage() {
  useTitle(t.nav.workflows);
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const query = useInfiniteQuery({ ...workflowsQuery(useDebounced(search.trim(), 150)), refetchInterval: REFRESH_MS });
  const items = useMemo(() => itemsOf(query.data), [query.data]);
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
        <PagedList
          query={query}
          items={items}
          label={t.nav.workflows}
          row={(one) => <WorkflowRow key={`${one.namespace}.${one.name}`} workflow={one} ambiguous={items.filter((other) => other.name === one.name).length > 1} />}
          empty={<EmptyState icon={<SearchX size={18} />} title={t.workflows.noneMatch(search)} actions={<Button onClick={() => setSearch("")}>{t.workflows.clearSearch}</Button>} />}
        />
      </div>
    </>
  );
}
