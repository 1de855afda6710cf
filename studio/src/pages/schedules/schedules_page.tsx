import { useInfiniteQuery } from "@tanstack/react-query";
import { CalendarClock, CalendarDays, List, Plus, SearchX } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { schedulesQuery } from "../../api/queries";
import { useDebounced } from "../../lib/use_debounced";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SearchField } from "../../ui/search_field";
import { Segmented } from "../../ui/segmented";
import { SkeletonRows } from "../../ui/skeleton";
import { ScheduleRow } from "./schedule_row";
import { WeekView } from "./week_view";

const REFRESH_MS = 5000;

type View = "list" | "week";

export function SchedulesPage() {
  useTitle(t.schedules.title);
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const view: View = params.get("view") === "week" ? "week" : "list";
  const show = (next: { q?: string; view?: View }) => {
    const { q, view: shown } = { q: search, view, ...next };
    setParams({ ...(q === "" ? {} : { q }), ...(shown === "week" ? { view: shown } : {}) }, { replace: true });
  };
  const settled = useDebounced(search.trim(), 150);
  return (
    <>
      <PageHeader
        title={t.schedules.title}
        actions={
          <>
            <SearchField label={t.schedules.search} value={search} onChange={(q) => show({ q })} />
            <Segmented
              label={t.schedules.views.label}
              value={view}
              onChange={(next) => show({ view: next })}
              options={[
                { value: "list", label: t.schedules.views.list, icon: <List size={14} />, hideText: true },
                { value: "week", label: t.schedules.views.week, icon: <CalendarDays size={14} />, hideText: true },
              ]}
            />
            <NewSchedule />
          </>
        }
      />
      {view === "week" ? <WeekView search={settled} /> : <ScheduleList search={settled} onClear={() => show({ q: "" })} />}
    </>
  );
}

const NewSchedule = () => (
  <Link to="/schedules/new" className={buttonClass("primary")}>
    <Plus size={15} />
    <span className="max-sm:sr-only">{t.schedules.create}</span>
  </Link>
);

function ScheduleList({ search, onClear }: { search: string; onClear: () => void }) {
  const query = useInfiniteQuery({ ...schedulesQuery({ search }), refetchInterval: REFRESH_MS });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  let body: ReactNode;
  if (query.isPending) body = <SkeletonRows label={t.common.loading} />;
  else if (query.isError && items.length === 0)
    body = (
      <div className="p-4 md:p-6">
        <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  else if (items.length === 0) body = <Nothing search={search} onClear={onClear} />;
  else
    body = (
      <ul aria-label={t.schedules.title}>
        {items.map((one) => (
          <ScheduleRow key={one.id} schedule={one} />
        ))}
      </ul>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto border-t">
      {body}
      {query.hasNextPage ? (
        <div className="flex justify-center py-4">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t.common.showMore}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Nothing({ search, onClear }: { search: string; onClear: () => void }) {
  if (search !== "") return <EmptyState icon={<SearchX size={18} />} title={t.schedules.noneMatch(search)} actions={<Button onClick={onClear}>{t.schedules.clearSearch}</Button>} />;
  return (
    <EmptyState icon={<CalendarClock size={18} />} title={t.schedules.none} actions={<NewSchedule />}>
      {t.schedules.noneDetail}
    </EmptyState>
  );
}
