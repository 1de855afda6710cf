import { useQuery } from "@tanstack/react-query";
import { Pause, Pencil, Play, Zap } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { Problem } from "../../api/problem";
import { scheduleQuery } from "../../api/queries";
import type { Schedule, ScheduleEntry } from "../../api/schedules";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { dayAndTime } from "../../lib/time";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { JsonTree } from "../../ui/json_tree";
import { PageHeader } from "../../ui/page_header";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { StatusIcon } from "../../ui/status_icon";
import { RelativeTime } from "../../ui/time_text";
import { DueList } from "./due_list";
import { ScheduleDialog, ScheduleMenu, type Asked } from "./schedule_menu";
import { useActs } from "./use_acts";
import { durationText, exclusionText, whenText } from "./when_text";
import { viewersZone } from "./zone_field";

const REFRESH_MS = 3000;

export function SchedulePage() {
  const { id = "" } = useParams();
  useTitle(id);
  const query = useQuery({ ...scheduleQuery(id), refetchInterval: REFRESH_MS, retry: (failures, error) => failures < 2 && !isMissing(error) });
  if (query.data !== undefined && !isMissing(query.error)) return <Shown schedule={query.data} />;
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (isMissing(query.error)) {
    return (
      <EmptyState
        page
        icon={<Zap size={18} />}
        title={t.schedules.notFound}
        actions={
          <Link to="/schedules" className={buttonClass()}>
            {t.schedules.toSchedules}
          </Link>
        }
      />
    );
  }
  return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
}

const isMissing = (error: unknown) => error instanceof Problem && error.status === 404;

function Shown({ schedule }: { schedule: Schedule }) {
  const p = t.schedules.page;
  return (
    <>
      <PageHeader
        crumbs={[{ label: t.schedules.title, to: "/schedules" }]}
        title={schedule.id}
        aside={schedule.origin === "document" ? <Badge title={t.schedules.ofDocumentDetail}>{t.schedules.ofDocument}</Badge> : undefined}
        note={schedule.description === "" ? undefined : schedule.description}
        actions={<Acts schedule={schedule} />}
      />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        <div className="grid max-w-280 gap-x-12 gap-y-8 px-4 py-6 md:px-6 lg:grid-cols-[minmax(0,1fr)_340px]">
          <div className="flex min-w-0 flex-col gap-8">
            {schedule.paused ? <Paused note={schedule.note} /> : null}
            {schedule.backfills.map((one) => (
              <p key={one.asked_at} role="status" className="rounded-md border border-running-line bg-running-soft px-3 py-2 text-sm text-running">
                {p.fillingIn(dayAndTime(one.until))}
              </p>
            ))}
            <section>
              <h2 className="text-sm font-semibold text-dim">{p.when}</h2>
              <p className="mt-1 text-lg font-medium text-balance">{whenText(schedule.times)}</p>
              <p className="mt-0.5 text-sm text-soft">
                {p.workflow}{" "}
                <Link to={workflowPath(qualifiedName(schedule))} className="rounded-sm text-accent-ink underline underline-offset-2">
                  {schedule.workflow}
                </Link>
                , {schedule.version ?? p.latest}
              </p>
            </section>
            <Recent entries={schedule.recent ?? []} />
          </div>
          <div className="flex min-w-0 flex-col gap-8">
            <Next schedule={schedule} />
            <Rules schedule={schedule} />
            <section>
              <h2 className="mb-2 text-sm font-semibold">{p.input}</h2>
              {schedule.input === undefined || schedule.input === null ? <p className="text-sm text-soft">{p.noInput}</p> : <JsonTree value={schedule.input} label={p.input} />}
            </section>
          </div>
        </div>
      </div>
    </>
  );
}

function Acts({ schedule }: { schedule: Schedule }) {
  const [asked, setAsked] = useState<Asked>(null);
  const { resume, trigger } = useActs(schedule);
  const navigate = useNavigate();
  const a = t.schedules.actions;
  return (
    <>
      {schedule.paused ? (
        <Button icon={<Play size={14} />} busy={resume.isPending} onClick={() => resume.mutate()}>
          {a.resume}
        </Button>
      ) : (
        <Button icon={<Pause size={14} />} onClick={() => setAsked("pause")}>
          {a.pause}
        </Button>
      )}
      <Button icon={<Pencil size={14} />} onClick={() => void navigate(`/schedules/${encodeURIComponent(schedule.id)}/edit`)}>
        {a.edit}
      </Button>
      <Button tone="primary" icon={<Zap size={14} />} busy={trigger.isPending} onClick={() => trigger.mutate()}>
        {a.trigger}
      </Button>
      <ScheduleMenu schedule={schedule} />
      <ScheduleDialog asked={asked} schedule={schedule} onClose={() => setAsked(null)} />
    </>
  );
}

function Paused({ note }: { note: string }) {
  return (
    <div role="status" className="flex gap-3 rounded-md border border-waiting-line bg-waiting-soft px-3 py-2 text-sm">
      <Pause size={15} className="mt-0.5 shrink-0 text-waiting" />
      <div className="min-w-0">
        {note === "" ? null : <p className="font-medium break-words">{note}</p>}
        <p className="text-soft">{t.schedules.page.pausedDetail}</p>
      </div>
    </div>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const p = t.schedules.page;
  if (schedule.paused) return null;
  const nothing = schedule.kind === "events" ? p.waitsForEvent : schedule.kind === "after" ? p.waitsForEnd : p.over;
  return (
    <section>
      <h2 className="text-sm font-semibold">{p.next}</h2>
      <p className="mb-2 text-xs text-dim">{p.nextIn(viewersZone())}</p>
      {schedule.upcoming.length === 0 ? <p className="text-sm text-soft">{nothing}</p> : <DueList times={schedule.upcoming} label={p.next} />}
      {schedule.collected === null ? null : <Collected {...schedule.collected} />}
    </section>
  );
}

function Collected({ events, starts, forgotten }: NonNullable<Schedule["collected"]>) {
  const p = t.schedules.page;
  return (
    <>
      {events === 0 ? null : <p className="mt-1 text-sm text-soft">{p.collected(events, starts)}</p>}
      {forgotten === 0 ? null : <p className="mt-1 text-sm text-waiting">{p.forgotten(forgotten)}</p>}
    </>
  );
}

const EXCLUSIONS_SHOWN = 12;

function Rules({ schedule }: { schedule: Schedule }) {
  const p = t.schedules.page;
  const window = schedule.catch_up_window === null || schedule.catch_up === "none" ? "" : `, ${p.within(durationText(schedule.catch_up_window))}`;
  const off = schedule.exclude.slice(0, EXCLUSIONS_SHOWN).map(exclusionText).join(", ");
  const more = schedule.exclude.length - EXCLUSIONS_SHOWN;
  const bounds = [schedule.start_at === null ? "" : p.from(dayAndTime(schedule.start_at)), schedule.end_at === null ? "" : p.until(dayAndTime(schedule.end_at))].filter((part) => part !== "");
  const rows: [string, ReactNode][] = [
    [p.zone, schedule.timezone],
    [p.exclude, off === "" ? null : more > 0 ? `${off}, ${t.schedules.when.more(more)}` : off],
    [p.bounds, bounds.length === 0 ? null : bounds.join(", ")],
    [p.jitter, schedule.jitter === null ? null : p.jitterUpTo(durationText(schedule.jitter))],
    [p.ifRunning, t.schedules.overlap[schedule.overlap]],
    [p.ifMissed, t.schedules.catchUp[schedule.catch_up] + window],
    [p.onFailure, schedule.pause_on_failure ? p.pauses : p.goesOn],
    [p.updated, schedule.updated_at === null ? null : <RelativeTime key="updated" iso={schedule.updated_at} />],
  ];
  return (
    <section>
      <h2 className="mb-2 text-sm font-semibold">{p.rules}</h2>
      <dl className="grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
        {rows.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="contents">
              <dt className="text-dim">{name}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

function Recent({ entries }: { entries: ScheduleEntry[] }) {
  const p = t.schedules.page;
  return (
    <section aria-label={p.recent}>
      <h2 className="mb-2 text-sm font-semibold">{p.recent}</h2>
      {entries.length === 0 ? (
        <p className="text-sm text-soft">{p.nothing}</p>
      ) : (
        <ol className="divide-y rounded-md border bg-surface">
          {entries.map((entry) => (
            <Entry key={`${entry.cause} ${entry.at} ${entry.what}`} entry={entry} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: ScheduleEntry }) {
  const p = t.schedules.page;
  const status = entry.what === "started" ? entry.status : entry.what === "refused" ? "faulted" : "skipped";
  const words = entry.what === "started" ? (entry.status === null || entry.status === undefined ? p.gone : t.status[entry.status]) : p[entry.what];
  const linked = entry.what === "started" && entry.status !== null;
  return (
    <li data-entry={entry.what} className="relative flex min-h-10 items-center gap-2.5 px-3 text-sm hover:bg-hover">
      {status === null || status === undefined ? <span className="size-4" /> : <StatusIcon status={status} />}
      {linked ? (
        <Link to={`/executions/${entry.execution ?? ""}`} className="min-w-0 flex-1 truncate -outline-offset-2 after:absolute after:inset-0">
          {words}
        </Link>
      ) : (
        <span className="min-w-0 flex-1 truncate text-soft">{words}</span>
      )}
      <span className="shrink-0 text-xs text-dim">{p.cause[entry.cause]}</span>
      <span className="tabular shrink-0 text-soft">{dayAndTime(entry.at)}</span>
    </li>
  );
}
