import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { scheduleQuery, workflowsQuery } from "../../api/queries";
import { changeSchedule, createSchedule, type Schedule } from "../../api/schedules";
import { JsonField } from "../../editor/json_field";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";
import { PageHeader } from "../../ui/page_header";
import { PageProblem, ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { toast } from "../../ui/toast_store";
import { SAVED, UnsavedGuard } from "../../ui/unsaved_guard";
import { draftOf, formOf, freshForm, validId, whenOf, type ScheduleForm } from "./draft";
import { PreviewPanel } from "./preview_panel";
import { DaysOff, Rules } from "./rules_field";
import { TimesField } from "./times_field";
import { whenText } from "./when_text";
import { viewersZone, ZoneField } from "./zone_field";

export function NewSchedulePage() {
  const [params] = useSearchParams();
  useTitle(t.schedules.form.newTitle);
  return <Editor title={t.schedules.form.newTitle} initial={freshForm(viewersZone(), params.get("workflow") ?? "")} schedule={null} />;
}

export function EditSchedulePage() {
  const { id = "" } = useParams();
  const query = useQuery({ ...scheduleQuery(id), refetchOnWindowFocus: false });
  useTitle(t.schedules.form.editTitle(id));
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (query.isError) return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  return <Editor key={id} title={t.schedules.form.editTitle(id)} initial={formOf(query.data)} schedule={query.data} />;
}

/** The form at the left, what it would do at the right. `schedule`: null for a new one. */
function Editor({ title, initial, schedule }: { title: string; initial: ScheduleForm; schedule: Schedule | null }) {
  const [begun] = useState(initial);
  const [form, setForm] = useState(begun);
  const change = (part: Partial<ScheduleForm>) => setForm((before) => ({ ...before, ...part }));
  const ofDocument = schedule?.origin === "document";
  const draft = draftOf(form, ofDocument);
  const save = useSave(schedule);
  const f = t.schedules.form;
  const when = ofDocument ? (schedule.kind === "times" && draft !== null ? { ...draft, times: schedule.times } : null) : whenOf(form);
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft !== null) save.mutate(draft);
      }}
    >
      <PageHeader
        crumbs={[{ label: t.schedules.title, to: "/schedules" }, ...(schedule === null ? [] : [{ label: schedule.id, to: `/schedules/${encodeURIComponent(schedule.id)}` }])]}
        title={title}
        actions={
          <Button tone="primary" type="submit" busy={save.isPending} disabled={draft === null}>
            {schedule === null ? f.create : f.save}
          </Button>
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        <div className="grid max-w-280 gap-x-12 gap-y-8 px-4 py-6 md:px-6 lg:grid-cols-[minmax(0,1fr)_340px]">
          <div className="flex min-w-0 flex-col gap-9">
            {save.isError ? <ProblemPanel error={save.error} /> : null}
            {ofDocument ? null : <What form={form} isNew={schedule === null} onChange={change} />}
            <Section title={f.when}>
              {ofDocument ? (
                <div>
                  <p className="text-sm font-medium">{whenText(schedule.times)}</p>
                  <p className="mt-0.5 text-sm text-soft">{f.documentTimes}</p>
                </div>
              ) : (
                <TimesField times={form.times} onChange={(times) => change({ times })} />
              )}
              <div className="max-w-80">
                <ZoneField value={form.zone} onChange={(zone) => change({ zone })} />
              </div>
            </Section>
            <Section title={f.exclude} detail={f.excludeHint}>
              <DaysOff form={form} onChange={change} />
            </Section>
            <Section title={f.rules}>
              <Rules form={form} onChange={change} />
            </Section>
            {ofDocument ? null : <JsonField label={f.input} hint={f.inputHint} value={form.input} onChange={(input) => change({ input })} />}
          </div>
          <aside className="lg:sticky lg:top-6 lg:self-start">
            <PreviewPanel draft={when === null ? null : { ...when, id: form.id }} />
          </aside>
        </div>
      </div>
      <UnsavedGuard drafts={[{ dirty: JSON.stringify(form) !== JSON.stringify(begun), title: t.unsaved.save }]} />
    </form>
  );
}

function useSave(schedule: Schedule | null) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (draft: NonNullable<ReturnType<typeof draftOf>>) => (schedule === null ? createSchedule(draft) : changeSchedule(schedule.id, draft)),
    onSuccess: (saved) => {
      client.setQueryData(scheduleQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["schedules", "list"] });
      toast({ tone: "success", title: schedule === null ? t.schedules.done.created : t.schedules.done.saved });
      void navigate(`/schedules/${encodeURIComponent(saved.id)}`, { state: SAVED });
    },
  });
}

function Section({ title, detail, children }: { title: string; detail?: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4">
      <div>
        <h2 className="text-base font-semibold">{title}</h2>
        {detail === undefined ? null : <p className="text-sm text-soft">{detail}</p>}
      </div>
      {children}
    </section>
  );
}

function What({ form, isNew, onChange }: { form: ScheduleForm; isNew: boolean; onChange: (part: Partial<ScheduleForm>) => void }) {
  const f = t.schedules.form;
  const query = useInfiniteQuery(workflowsQuery(""));
  const names = query.data?.pages.flatMap((page) => page.items.map((one) => `${one.namespace}.${one.name}`)) ?? [];
  const known = form.workflow === "" || names.includes(form.workflow) ? names : [form.workflow, ...names];
  return (
    <Section title={f.what}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={f.workflow}>
          {(props) => (
            <Select {...props} value={form.workflow} onChange={(event) => onChange({ workflow: event.target.value })}>
              <option value="">{f.chooseWorkflow}</option>
              {known.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={f.name} hint={isNew ? f.nameHint : undefined} error={validId(form.id) ? undefined : f.nameInvalid}>
          {(props) => <Input {...props} value={form.id} disabled={!isNew} spellCheck={false} maxLength={63} onChange={(event) => onChange({ id: event.target.value })} />}
        </Field>
      </div>
      {query.hasNextPage ? (
        <Button size="sm" className="self-start" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.common.showMore}
        </Button>
      ) : null}
      <Field label={f.description}>{(props) => <Input {...props} value={form.description} maxLength={1000} onChange={(event) => onChange({ description: event.target.value })} />}</Field>
    </Section>
  );
}
