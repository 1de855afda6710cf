import { Plus, X } from "lucide-react";
import type { CatchUp, Overlap } from "../../api/schedules";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";
import { IconButton } from "../../ui/icon_button";
import { validDuration, type ScheduleForm } from "./draft";
import { exclusionText } from "./when_text";

interface Props {
  form: ScheduleForm;
  onChange: (part: Partial<ScheduleForm>) => void;
}

/** Days on which nothing starts. */
export function DaysOff({ form, onChange }: Props) {
  const f = t.schedules.form;
  const replace = (index: number, part: Partial<ScheduleForm["daysOff"][number]>) => onChange({ daysOff: form.daysOff.map((one, i) => (i === index ? { ...one, ...part } : one)) });
  return (
    <div className="flex flex-col gap-3">
      {form.daysOff.map((one, index) => (
        <div key={index} className="flex flex-wrap items-end gap-2">
          <Field label={f.dayFrom}>{(props) => <Input {...props} type="date" value={one.from} onChange={(event) => replace(index, { from: event.target.value })} />}</Field>
          <Field label={f.dayTo}>{(props) => <Input {...props} type="date" value={one.to} min={one.from} onChange={(event) => replace(index, { to: event.target.value })} />}</Field>
          <IconButton label={f.removeDay} icon={<X size={14} />} onClick={() => onChange({ daysOff: form.daysOff.filter((_, i) => i !== index) })} />
        </div>
      ))}
      {form.otherOff.length === 0 ? null : (
        <div className="flex flex-wrap items-center gap-1.5">
          {form.otherOff.map((one, index) => (
            <span key={index} className="inline-flex items-center">
              <Badge>{exclusionText(one)}</Badge>
              <IconButton label={f.removeDay} icon={<X size={12} />} onClick={() => onChange({ otherOff: form.otherOff.filter((_, i) => i !== index) })} />
            </span>
          ))}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-4">
        <Button size="sm" icon={<Plus size={13} />} onClick={() => onChange({ daysOff: [...form.daysOff, { from: "", to: "" }] })}>
          {f.addDay}
        </Button>
        <Check label={f.weekend} checked={form.weekendsOff} onChange={(weekendsOff) => onChange({ weekendsOff })} />
      </div>
    </div>
  );
}

/** What happens when a start is in the way of another one, or was missed. */
export function Rules({ form, onChange }: Props) {
  const f = t.schedules.form;
  return (
    <div className="flex flex-col gap-4">
      <Field label={f.overlap}>
        {(props) => (
          <Select {...props} className="max-w-80" value={form.overlap} onChange={(event) => onChange({ overlap: event.target.value as Overlap })}>
            {options(t.schedules.overlap)}
          </Select>
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={f.catchUp}>
          {(props) => (
            <Select {...props} value={form.catchUp} onChange={(event) => onChange({ catchUp: event.target.value as CatchUp })}>
              {options(t.schedules.catchUp)}
            </Select>
          )}
        </Field>
        {form.catchUp === "none" ? null : <DurationField label={f.window} hint={f.windowHint} value={form.window} onChange={(window) => onChange({ window })} />}
      </div>
      <div className="max-w-60">
        <DurationField label={f.jitter} hint={f.jitterHint} value={form.jitter} onChange={(jitter) => onChange({ jitter })} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={f.startAt}>{(props) => <Input {...props} type="datetime-local" value={form.startAt} onChange={(event) => onChange({ startAt: event.target.value })} />}</Field>
        <Field label={f.endAt}>{(props) => <Input {...props} type="datetime-local" value={form.endAt} onChange={(event) => onChange({ endAt: event.target.value })} />}</Field>
      </div>
      <Check label={f.pauseOnFailure} checked={form.pauseOnFailure} onChange={(pauseOnFailure) => onChange({ pauseOnFailure })} />
    </div>
  );
}

const options = (names: Record<string, string>) =>
  Object.entries(names).map(([value, name]) => (
    <option key={value} value={value}>
      {name}
    </option>
  ));

function DurationField({ label, hint, value, onChange }: { label: string; hint: string; value: string; onChange: (text: string) => void }) {
  return (
    <Field label={label} hint={hint} error={validDuration(value) ? undefined : t.schedules.form.durationInvalid}>
      {(props) => <Input {...props} value={value} onChange={(event) => onChange(event.target.value.trim())} />}
    </Field>
  );
}

const Check = ({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) => (
  <label className="flex items-center gap-2.5 text-sm">
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} className="size-4 accent-(--accent)" />
    {label}
  </label>
);
