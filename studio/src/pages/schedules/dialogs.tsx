import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { scheduleQuery } from "../../api/queries";
import { deleteSchedule, foreseeBackfill, setPaused, startBackfill, type BackfillPreview, type BackfillRange, type Schedule } from "../../api/schedules";
import { useDebounced } from "../../lib/use_debounced";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { toast } from "../../ui/toast_store";
import { DueList } from "./due_list";

interface Props {
  schedule: Schedule;
  onClose: () => void;
}

export function PauseDialog({ schedule, onClose }: Props) {
  const [note, setNote] = useState("");
  const client = useQueryClient();
  const pause = useMutation({
    mutationFn: () => setPaused(schedule.id, true, note.trim()),
    onSuccess: (next) => {
      client.setQueryData(scheduleQuery(schedule.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["schedules"] });
      toast({ tone: "success", title: t.schedules.done.paused });
      onClose();
    },
  });
  const d = t.schedules.pauseDialog;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={d.title(schedule.id)}
      description={d.detail}
      onSubmit={() => pause.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={pause.isPending}>
            {d.confirm}
          </Button>
        </>
      }
    >
      <Field label={d.note} hint={d.noteHint}>
        {(props) => <Input {...props} value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} />}
      </Field>
      {pause.isError ? (
        <div className="mt-3">
          <ProblemPanel error={pause.error} />
        </div>
      ) : null}
    </Dialog>
  );
}

export function DeleteDialog({ schedule, onClose, onDeleted }: Props & { onDeleted: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteSchedule(schedule.id),
    onSuccess: () => {
      onDeleted();
      void client.invalidateQueries({ queryKey: ["schedules", "list"] });
      toast({ tone: "success", title: t.schedules.done.removed });
      onClose();
    },
  });
  const d = t.schedules.removeDialog;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={d.title(schedule.id)}
      description={d.detail(schedule.running.length)}
      onSubmit={() => remove.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="danger" type="submit" busy={remove.isPending}>
            {d.confirm}
          </Button>
        </>
      }
    >
      {remove.isError ? <ProblemPanel error={remove.error} /> : null}
    </Dialog>
  );
}

const DAY_MS = 86_400_000;
/** The value of a field for local date and time. */
const localValue = (time: number) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** Says how many runs would start, and the first of them, before anything does. */
export function BackfillDialog({ schedule, onClose }: Props) {
  const [from, setFrom] = useState(() => localValue(Date.now() - DAY_MS));
  const [until, setUntil] = useState(() => localValue(Date.now()));
  const [order, setOrder] = useState<"one" | "all">("one");
  const range = rangeOf(from, until, order === "all");
  const settled = useDebounced(JSON.stringify(range), 250);
  const preview = useQuery({
    queryKey: ["schedules", "backfill", schedule.id, settled],
    queryFn: ({ signal }) => foreseeBackfill(schedule.id, JSON.parse(settled) as BackfillRange, signal),
    enabled: settled !== "null",
    placeholderData: keepPreviousData,
  });
  const fill = useFill(schedule, onClose);
  const count = range === null || preview.data === undefined || preview.data.too_many ? 0 : preview.data.count;
  const d = t.schedules.backfillDialog;
  return (
    <Dialog
      open
      onClose={onClose}
      title={d.title(schedule.id)}
      description={d.detail}
      onSubmit={() => range !== null && count > 0 && fill.mutate(range)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={fill.isPending} disabled={count === 0}>
            {d.confirm(count)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={d.from}>{(props) => <Input {...props} type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />}</Field>
          <Field label={d.until} error={range === null ? d.invalid : undefined}>
            {(props) => <Input {...props} type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />}
          </Field>
        </div>
        <Segmented
          label={d.order}
          value={order}
          onChange={setOrder}
          options={[
            { value: "one", label: d.oneByOne },
            { value: "all", label: d.atOnce },
          ]}
        />
        {range === null ? null : preview.isError ? <ProblemPanel error={preview.error} /> : preview.data === undefined ? <p className="text-sm text-soft">{d.counting}</p> : <Foreseen preview={preview.data} />}
        {fill.isError ? <ProblemPanel error={fill.error} /> : null}
      </div>
    </Dialog>
  );
}

function rangeOf(from: string, until: string, atOnce: boolean): BackfillRange | null {
  const begin = Date.parse(from);
  const end = Date.parse(until);
  if (Number.isNaN(begin) || Number.isNaN(end) || end < begin) return null;
  return { from: new Date(begin).toISOString(), until: new Date(end).toISOString(), at_once: atOnce };
}

function useFill(schedule: Schedule, onClose: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (range: BackfillRange) => startBackfill(schedule.id, range),
    onSuccess: (next) => {
      client.setQueryData(scheduleQuery(schedule.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["schedules"] });
      toast({ tone: "success", title: t.schedules.done.filling });
      onClose();
    },
  });
}

const FIRST_SHOWN = 5;

function Foreseen({ preview }: { preview: BackfillPreview }) {
  const d = t.schedules.backfillDialog;
  if (preview.too_many) return <p className="text-sm text-faulted">{d.tooMany(preview.count_max)}</p>;
  if (preview.count === 0) return <p className="text-sm text-soft">{d.none}</p>;
  return (
    <div>
      <p className="mb-2 text-sm font-medium" role="status">
        {d.willStart(preview.count)}
      </p>
      <DueList times={preview.times.slice(0, FIRST_SHOWN)} label={d.first} />
    </div>
  );
}
