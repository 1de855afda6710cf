import { clsx } from "clsx";
import { Plus, X } from "lucide-react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";
import { IconButton } from "../../ui/icon_button";
import { Segmented } from "../../ui/segmented";
import { cronSentence } from "./cron_text";
import { FRESH_TIMES, validClockTimes, validDates, validMonthDays, validMonths, WEEKDAYS, type TimeForm, type TimeKind } from "./draft";
import { whenText } from "./when_text";

const KINDS: TimeKind[] = ["weekly", "monthly", "interval", "dates", "cron"];
const TIMES_MAX = 20;

/** When it starts: a card for each time, in the words that fit it. */
export function TimesField({ times, onChange }: { times: TimeForm[]; onChange: (times: TimeForm[]) => void }) {
  const replace = (index: number, time: TimeForm) => onChange(times.map((one, i) => (i === index ? time : one)));
  return (
    <div className="flex flex-col gap-3">
      {times.map((time, index) => (
        <div key={index} className="rounded-lg border bg-surface p-4" data-time={time.kind}>
          <div className="flex items-center justify-between gap-2">
            {time.kind === "raw" ? (
              <p className="text-sm">{whenText([time.entry])}</p>
            ) : (
              <Segmented
                label={t.schedules.form.timeKind}
                value={time.kind}
                onChange={(kind) => replace(index, FRESH_TIMES[kind])}
                options={KINDS.map((kind) => ({ value: kind, label: t.schedules.form.kinds[kind] }))}
              />
            )}
            {times.length > 1 ? <IconButton label={t.schedules.form.removeTime} icon={<X size={14} />} onClick={() => onChange(times.filter((_, i) => i !== index))} /> : null}
          </div>
          {time.kind === "raw" ? null : (
            <div className="mt-4">
              <TimeFields time={time} onChange={(next) => replace(index, next)} />
            </div>
          )}
        </div>
      ))}
      {times.length < TIMES_MAX ? (
        <Button size="sm" className="self-start" icon={<Plus size={13} />} onClick={() => onChange([...times, FRESH_TIMES.weekly])}>
          {t.schedules.form.addTime}
        </Button>
      ) : null}
    </div>
  );
}

type Filled = Exclude<TimeForm, { kind: "raw" }>;

function TimeFields({ time, onChange }: { time: Filled; onChange: (time: TimeForm) => void }) {
  const f = t.schedules.form;
  switch (time.kind) {
    case "cron":
      return (
        <Field label={f.cron} hint={cronSentence(time.cron) ?? f.cronHint}>
          {(props) => <Input {...props} className="font-mono" spellCheck={false} value={time.cron} onChange={(event) => onChange({ ...time, cron: event.target.value })} />}
        </Field>
      );
    case "interval":
      return (
        <div className="grid max-w-80 grid-cols-2 gap-3">
          <Field label={f.every}>
            {(props) => <Input {...props} type="number" min={1} value={time.amount} onChange={(event) => onChange({ ...time, amount: event.target.value, offset: undefined })} />}
          </Field>
          <Field label={f.unit}>
            {(props) => (
              <Select {...props} value={time.unit} onChange={(event) => onChange({ ...time, unit: event.target.value, offset: undefined })}>
                {Object.entries(f.units).map(([unit, name]) => (
                  <option key={unit} value={unit}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      );
    case "weekly":
      return (
        <div className="flex flex-col gap-4">
          <Weekdays days={time.days} onChange={(days) => onChange({ ...time, days })} />
          <ClockTimes at={time.at} onChange={(at) => onChange({ ...time, at })} />
        </div>
      );
    case "monthly":
      return (
        <div className="flex flex-col gap-4">
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label={f.monthDays} hint={f.monthDaysHint} error={validMonthDays(time.days) ? undefined : f.monthDaysInvalid}>
              {(props) => <Input {...props} value={time.days} onChange={(event) => onChange({ ...time, days: event.target.value })} />}
            </Field>
            <Field label={f.months} hint={f.monthsHint} error={validMonths(time.months) ? undefined : f.monthsInvalid}>
              {(props) => <Input {...props} value={time.months} onChange={(event) => onChange({ ...time, months: event.target.value })} />}
            </Field>
          </div>
          <ClockTimes at={time.at} onChange={(at) => onChange({ ...time, at })} />
        </div>
      );
    case "dates":
      return (
        <div className="flex flex-col gap-4">
          <Field label={f.dates} hint={f.datesHint} error={time.dates === "" || validDates(time.dates) ? undefined : f.datesInvalid}>
            {(props) => <Input {...props} value={time.dates} onChange={(event) => onChange({ ...time, dates: event.target.value })} />}
          </Field>
          <ClockTimes at={time.at} onChange={(at) => onChange({ ...time, at })} />
        </div>
      );
  }
}

function ClockTimes({ at, onChange }: { at: string; onChange: (at: string) => void }) {
  const f = t.schedules.form;
  return (
    <div className="max-w-80">
      <Field label={f.clockTimes} hint={f.clockTimesHint} error={validClockTimes(at) ? undefined : f.clockTimesInvalid}>
        {(props) => <Input {...props} className="tabular" value={at} onChange={(event) => onChange(event.target.value)} />}
      </Field>
    </div>
  );
}

function Weekdays({ days, onChange }: { days: string[]; onChange: (days: string[]) => void }) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{t.schedules.form.weekdays}</legend>
      <div className="flex flex-wrap gap-1.5">
        {WEEKDAYS.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            onClick={() => onChange(days.includes(day) ? days.filter((one) => one !== day) : [...days, day])}
            className={clsx(
              "h-8 min-w-11 rounded-md border px-2 text-xs font-medium transition-colors duration-120",
              days.includes(day) ? "border-accent-line bg-accent-soft text-accent-ink" : "border-line-strong bg-surface text-soft hover:bg-hover",
            )}
          >
            {t.schedules.when.shortDays[day]}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
