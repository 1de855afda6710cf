import { useInfiniteQuery } from "@tanstack/react-query";
import { CalendarClock, CalendarDays, List, Plus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { itemsOf, schedulesQuery } from "../../api/queries";
import { useDebounced } from "../../lib/use_debounced";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { SearchField } from "../../ui/search_field";
import { Segmented } from "../../ui/segmented";
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
  const items = useMemo(() => itemsOf(query.data), [query.data]);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto border-t">
      <PagedList query={query} items={items} label={t.schedules.title} row={(one) => <ScheduleRow key={one.id} schedule={one} />} empty={<Nothing search={search} onClear={onClear} />} />
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
