import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, Pause, Play, Radio } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { deploymentQuery } from "../../api/queries";
import type { Schedule } from "../../api/types";
import { saveDeployment, type ScheduleSettings } from "../../api/workflows";
import { scheduleOf, type ScheduleText } from "../../document/schedule_text";
import { dayAndTime } from "../../lib/time";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { CodeBlock } from "../../ui/code_block";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";
import { EventDialog } from "../events/event_dialog";

interface Props {
  name: string;
  /** The text of the version that runs. */
  source: string;
  schedule: Schedule;
}

/** When a workflow starts by itself: what its document says, when that is next, and what may be set without a new version. */
export default function SchedulePanel({ name, source, schedule }: Props) {
  const written = useMemo(() => scheduleOf(source), [source]);
  const { save, change } = useSchedule(name, schedule);
  if (written.length === 0) {
    return (
      <div className="flex flex-col gap-2">
        <p className="text-sm text-soft">{t.schedule.none}</p>
        <CodeBlock code={t.schedule.example} label={t.schedule.exampleLabel} />
      </div>
    );
  }
  const byTime = written.some((one) => one.kind !== "on");
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2 rounded-md border bg-surface py-1.5 pr-1.5 pl-3">
        <ul className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1 text-sm">
          {written.map((one) => (
            <Written key={one.kind} written={one} />
          ))}
        </ul>
        {schedule.paused ? <Badge>{t.schedule.paused}</Badge> : null}
        <Button
          size="sm"
          busy={save.isPending}
          icon={schedule.paused ? <Play size={13} /> : <Pause size={13} />}
          onClick={() => change({ paused: !schedule.paused }, schedule.paused ? t.schedule.resumed : t.schedule.nowPaused)}
        >
          {schedule.paused ? t.schedule.resume : t.schedule.pause}
        </Button>
      </div>
      {byTime ? <Upcoming schedule={schedule} waitsForEnd={written.some((one) => one.kind === "after")} /> : null}
      {written.map((one) => (one.kind === "on" ? <SendEvent key="on" types={one.types} /> : null))}
      <Settings
        zoned={written.some((one) => one.kind === "cron")}
        byTime={byTime}
        schedule={schedule}
        onChange={(settings) => change(settings, t.schedule.saved)}
      />
      {save.isError ? <ProblemPanel error={save.error} /> : null}
    </div>
  );
}

function useSchedule(name: string, schedule: Schedule) {
  const client = useQueryClient();
  const settings: ScheduleSettings = { timezone: schedule.timezone, overlap: schedule.overlap, catch_up: schedule.catch_up, paused: schedule.paused };
  const save = useMutation({
    mutationFn: ({ next }: { next: ScheduleSettings; said: string; before: ScheduleSettings }) => saveDeployment(name, { schedule: next }),
    onSuccess: (deployment, { said, before }) => {
      client.setQueryData(deploymentQuery(name).queryKey, deployment);
      toast({ tone: "success", title: said, action: { label: t.common.undo, run: () => save.mutate({ next: before, said: t.schedule.saved, before }) } });
    },
  });
  return { save, change: (part: Partial<ScheduleSettings>, said: string) => save.mutate({ next: { ...settings, ...part }, said, before: settings }) };
}

function Written({ written }: { written: ScheduleText }) {
  const value = written.kind === "cron" ? written.expression : written.kind === "on" ? written.types.join(", ") : written.duration;
  return (
    <li className="flex min-w-0 items-center gap-2">
      {written.kind === "on" ? <Radio size={14} className="shrink-0 text-dim" /> : <CalendarClock size={14} className="shrink-0 text-dim" />}
      <span className="shrink-0">{t.schedule.kinds[written.kind]}</span>
      <span className="truncate font-mono text-xs">{value}</span>
    </li>
  );
}

function Upcoming({ schedule, waitsForEnd }: { schedule: Schedule; waitsForEnd: boolean }) {
  if (schedule.paused) return <p className="text-sm text-soft">{t.schedule.pausedDetail}</p>;
  if (schedule.upcoming.length === 0) return <p className="text-sm text-soft">{waitsForEnd ? t.schedule.waitsForEnd : t.schedule.never}</p>;
  return (
    <div>
      <h3 className="mb-1.5 text-sm font-medium">{t.schedule.upcoming}</h3>
      <ol className="divide-y rounded-md border bg-surface">
        {schedule.upcoming.map((iso) => (
          <li key={iso} className="flex items-center justify-between gap-4 px-3 py-1.5 text-sm">
            <span className="tabular">{dayAndTime(iso)}</span>
            <span className="text-dim">
              <RelativeTime iso={iso} />
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function SendEvent({ types }: { types: string[] }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button icon={<Radio size={14} />} onClick={() => setOpen(true)}>
        {t.events.send}
      </Button>
      {open ? <EventDialog types={types} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

interface SettingsProps {
  schedule: Schedule;
  zoned: boolean;
  byTime: boolean;
  onChange: (change: Partial<ScheduleSettings>) => void;
}

function Settings({ schedule, zoned, byTime, onChange }: SettingsProps) {
  return (
    <div className="flex flex-col gap-3">
      {zoned ? <Zone key={schedule.timezone} value={schedule.timezone} onChange={(timezone) => onChange({ timezone })} /> : null}
      <Check label={t.schedule.overlap} checked={schedule.overlap} onChange={(overlap) => onChange({ overlap })} />
      {byTime ? <Check label={t.schedule.catchUp} checked={schedule.catch_up} onChange={(catch_up) => onChange({ catch_up })} /> : null}
    </div>
  );
}

function Zone({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const [typed, setTyped] = useState(value);
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  const known = useId();
  const commit = () => {
    if (typed.trim() === "") setTyped(value);
    else if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <div className="max-w-70">
      <Field label={t.schedule.zone}>
        {(props) => (
          <Input {...props} list={known} value={typed} spellCheck={false} onChange={(event) => setTyped(event.target.value)} onBlur={commit} onKeyDown={(event) => event.key === "Enter" && commit()} />
        )}
      </Field>
      <datalist id={known}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </div>
  );
}

const Check = ({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) => (
  <label className="flex items-start gap-2.5 text-sm">
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} className="mt-0.5 size-4 accent-(--accent)" />
    {label}
  </label>
);
