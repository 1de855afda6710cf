import { CalendarClock, Pause, Radio } from "lucide-react";
import { Link } from "react-router";
import type { Schedule } from "../../api/schedules";
import { dayAndTime } from "../../lib/time";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { StatusIcon } from "../../ui/status_icon";
import { RelativeTime } from "../../ui/time_text";
import { ScheduleMenu } from "./schedule_menu";
import { whenText } from "./when_text";

/** When it starts what, when that is next, and what became of the last time. `ofWorkflow`: what it starts goes without saying. */
export function ScheduleRow({ schedule, ofWorkflow = false }: { schedule: Schedule; ofWorkflow?: boolean }) {
  return (
    <li data-schedule={schedule.id} className="relative flex min-h-15 items-center gap-4 border-b px-4 py-2.5 hover:bg-hover md:px-6">
      <span className={schedule.paused ? "text-faint" : "text-dim"}>{schedule.kind === "events" ? <Radio size={16} /> : <CalendarClock size={16} />}</span>
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <Link to={`/schedules/${encodeURIComponent(schedule.id)}`} className="max-w-2/3 shrink-0 truncate font-medium -outline-offset-2 after:absolute after:inset-0">
            {schedule.id}
          </Link>
          {schedule.origin === "document" ? (
            <Badge title={t.schedules.ofDocumentDetail}>{t.schedules.ofDocument}</Badge>
          ) : ofWorkflow ? null : (
            <span className="flex min-w-0 max-sm:hidden">
              <Badge mono>{schedule.workflow}</Badge>
            </span>
          )}
          {schedule.paused ? (
            <span className="inline-flex h-5 min-w-0 items-center gap-1 rounded-sm border border-waiting-line bg-waiting-soft px-1.5 text-xs text-waiting" title={schedule.note}>
              <Pause size={11} className="shrink-0" />
              <span className="truncate">{schedule.note === "" ? t.schedules.paused : schedule.note}</span>
            </span>
          ) : null}
        </div>
        <p className={`truncate text-sm ${schedule.paused ? "text-dim" : "text-soft"}`}>
          {whenText(schedule.times)}
          {schedule.timezone === "UTC" || schedule.kind !== "times" ? null : <span className="ml-2 text-xs text-dim">{schedule.timezone}</span>}
        </p>
      </div>
      <Last schedule={schedule} />
      <Next schedule={schedule} />
      <span className="relative">
        <ScheduleMenu schedule={schedule} />
      </span>
    </li>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const next = schedule.upcoming[0];
  if (schedule.paused) return <span className="w-48 shrink-0 text-right text-sm text-dim max-sm:hidden">{t.common.none}</span>;
  if (next === undefined) {
    const words = schedule.kind === "events" ? t.schedules.onEvents : schedule.kind === "after" ? t.schedules.afterEnd : t.schedules.noNext;
    return <span className="w-48 shrink-0 text-right text-sm text-dim max-sm:hidden">{words}</span>;
  }
  return (
    <span className="flex w-48 shrink-0 flex-col items-end text-sm max-sm:w-auto" title={next.local}>
      <RelativeTime iso={next.starts_at} />
      <span className="tabular text-xs whitespace-nowrap text-dim max-sm:hidden">{dayAndTime(next.starts_at)}</span>
    </span>
  );
}

function Last({ schedule }: { schedule: Schedule }) {
  const last = schedule.last ?? null;
  if (last === null) return <span className="w-32 shrink-0 text-sm text-dim max-lg:hidden">{t.schedules.neverStarted}</span>;
  const status = last.what === "started" ? (last.status ?? null) : null;
  return (
    <span className="relative flex w-32 shrink-0 items-center gap-2 text-sm text-soft max-lg:hidden">
      {last.what === "started" && status !== null ? (
        <Link to={`/executions/${last.execution ?? ""}`} className="flex items-center gap-2 rounded-sm hover:text-ink">
          <StatusIcon status={status} />
          {t.status[status]}
        </Link>
      ) : (
        <>
          <StatusIcon status={last.what === "refused" ? "faulted" : "skipped"} />
          <span className="truncate">{last.what === "refused" ? t.schedules.page.refused : last.what === "missed" ? t.schedules.page.missed : last.what === "skipped" ? t.schedules.page.skipped : t.schedules.page.gone}</span>
        </>
      )}
    </span>
  );
}
