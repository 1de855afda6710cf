import { useInfiniteQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ChevronLeft, ChevronRight, Repeat } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { schedulesQuery } from "../../api/queries";
import { useMedia } from "../../lib/use_media";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { IconButton } from "../../ui/icon_button";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { addDays, hoursShown, mondayOf, weekOf, type Day, type Start } from "./week";

const SCHEDULES_MAX = 200;
/** As many times of one schedule as the server tells at most. */
const TOLD_MAX = 100;
const SHOWN_PER_HOUR = 3;
const REFRESH_MS = 15_000;

const dayName = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** What starts in a week, on the viewer's clock. */
export function WeekView({ search }: { search: string }) {
  const [monday, setMonday] = useState(() => mondayOf(new Date()));
  const range = { search, from: monday.toISOString(), until: addDays(monday, 7).toISOString() };
  const query = useInfiniteQuery({ ...schedulesQuery(range, SCHEDULES_MAX), refetchInterval: REFRESH_MS });
  const schedules = query.data?.pages[0]?.items;
  const days = useMemo(() => weekOf(schedules ?? [], monday, TOLD_MAX), [schedules, monday]);
  const narrow = useMedia("(max-width: 767px)");
  const w = t.schedules.week;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 border-t px-4 py-2 md:px-6">
        <IconButton label={w.previous} icon={<ChevronLeft size={16} />} onClick={() => setMonday(addDays(monday, -7))} />
        <IconButton label={w.next} icon={<ChevronRight size={16} />} onClick={() => setMonday(addDays(monday, 7))} />
        <p className="tabular text-sm font-medium" role="status">
          {dayName.format(monday)} – {dayName.format(addDays(monday, 6))}
        </p>
        <Button size="sm" className="ml-auto" disabled={monday.getTime() === mondayOf(new Date()).getTime()} onClick={() => setMonday(mondayOf(new Date()))}>
          {w.today}
        </Button>
      </div>
      {query.hasNextPage ? <p className="px-4 pb-2 text-xs text-waiting md:px-6">{w.cut(SCHEDULES_MAX)}</p> : null}
      {schedules === undefined ? (
        query.isError ? (
          <div className="px-4 md:px-6">
            <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : (
          <SkeletonRows label={t.common.loading} />
        )
      ) : (
        <div className="min-h-0 flex-1 overflow-auto border-t">{narrow ? <Agenda days={days} /> : <Grid days={days} />}</div>
      )}
    </div>
  );
}

const isToday = (date: Date) => date.toDateString() === new Date().toDateString();

function Grid({ days }: { days: Day[] }) {
  const shown = hoursShown(days);
  const often = days.some((day) => day.frequent.length > 0);
  const w = t.schedules.week;
  const hours = shown === null ? [] : Array.from({ length: shown[1] - shown[0] + 1 }, (_, index) => shown[0] + index);
  const columns = "grid grid-cols-[52px_repeat(7,minmax(104px,1fr))]";
  return (
    <div role="table" aria-label={w.label} className="min-w-200">
      <div role="row" className={clsx(columns, "sticky top-0 z-10 border-b bg-page text-xs")}>
        <span role="columnheader">
          <span className="sr-only">{w.hour}</span>
        </span>
        {days.map((day) => (
          <span key={day.date.toISOString()} role="columnheader" className={clsx("border-l px-2 py-2", isToday(day.date) ? "font-semibold text-accent-ink" : "text-dim")}>
            {dayName.format(day.date)}
          </span>
        ))}
      </div>
      {often ? (
        <div role="row" className={clsx(columns, "border-b bg-sunken")}>
          <span role="rowheader" className="px-2 py-2 text-xs text-dim">
            {w.frequent}
          </span>
          {days.map((day) => (
            <span key={day.date.toISOString()} role="cell" className="flex min-w-0 flex-col gap-1 border-l p-1">
              <Often day={day} />
            </span>
          ))}
        </div>
      ) : null}
      {hours.map((hour) => (
        <div key={hour} role="row" className={clsx(columns, "min-h-9 border-b")}>
          <span role="rowheader" className="tabular px-2 py-1.5 text-xs text-dim">
            {String(hour).padStart(2, "0")}:00
          </span>
          {days.map((day) => (
            <span key={day.date.toISOString()} role="cell" className={clsx("flex min-w-0 flex-col gap-1 border-l p-1", isToday(day.date) && "bg-accent-soft/40")}>
              <Hour starts={day.hours[hour] ?? []} />
            </span>
          ))}
        </div>
      ))}
      {shown === null && !often ? <p className="px-6 py-14 text-center text-sm text-soft">{w.nothing}</p> : null}
    </div>
  );
}

function Hour({ starts }: { starts: Start[] }) {
  const rest = starts.length - SHOWN_PER_HOUR;
  return (
    <>
      {starts.slice(0, rest === 1 ? SHOWN_PER_HOUR + 1 : SHOWN_PER_HOUR).map((start) => (
        <Chip key={`${start.schedule.id} ${start.time.at}`} start={start} />
      ))}
      {rest > 1 ? (
        <span className="px-1.5 text-xs text-dim" title={starts.slice(SHOWN_PER_HOUR).map(titleOf).join("\n")}>
          {t.schedules.week.more(rest)}
        </span>
      ) : null}
    </>
  );
}

const titleOf = (start: Start) => `${clock.format(new Date(start.time.starts_at))} ${start.schedule.id}${start.time.remark === undefined ? "" : ` (${start.time.remark})`}`;

function Chip({ start }: { start: Start }) {
  return (
    <Link
      to={`/schedules/${encodeURIComponent(start.schedule.id)}`}
      title={titleOf(start)}
      className="flex min-h-6 min-w-0 items-center gap-1.5 rounded-sm border border-accent-line bg-accent-soft px-1.5 text-xs text-accent-ink hover:border-accent"
    >
      <span className="tabular shrink-0">{clock.format(new Date(start.time.starts_at))}</span>
      <span className="truncate">{start.schedule.id}</span>
    </Link>
  );
}

function Often({ day }: { day: Day }) {
  return day.frequent.map(({ schedule, count, more }) => (
    <Link
      key={schedule.id}
      to={`/schedules/${encodeURIComponent(schedule.id)}`}
      className="flex min-h-6 min-w-0 items-center gap-1.5 rounded-sm border bg-surface px-1.5 text-xs text-soft hover:border-line-hover hover:text-ink"
    >
      <Repeat size={11} className="shrink-0" />
      <span className="truncate">{schedule.id}</span>
      <span className="tabular ml-auto shrink-0 text-dim">{t.schedules.week.times(count, more)}</span>
    </Link>
  ));
}

/** The same, day by day, for a phone. */
function Agenda({ days }: { days: Day[] }) {
  const busy = days.filter((day) => day.frequent.length > 0 || day.hours.some((starts) => starts.length > 0));
  if (busy.length === 0) return <p className="px-6 py-14 text-center text-sm text-soft">{t.schedules.week.nothing}</p>;
  return (
    <ol aria-label={t.schedules.week.label}>
      {busy.map((day) => (
        <li key={day.date.toISOString()} className="border-b px-4 py-3">
          <h2 className={clsx("mb-2 text-sm font-semibold", isToday(day.date) && "text-accent-ink")}>{dayName.format(day.date)}</h2>
          <div className="flex flex-col gap-1">
            <Often day={day} />
            {day.hours.flat().map((start) => (
              <Chip key={`${start.schedule.id} ${start.time.at}`} start={start} />
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}
