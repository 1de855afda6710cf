import { useState, type ReactNode } from "react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { UnsavedGuard } from "../../ui/unsaved_guard";
import { AnswerFields } from "./answer_fields";
import { METHODS, wrongIn, type Draft, type PartProps } from "./draft";
import { WhichFields } from "./which_fields";
import { WhoFields } from "./who_fields";

interface Props {
  initial: Draft;
  /** Qualified names. */
  workflows: string[];
  act: string;
  busy: boolean;
  error: unknown;
  onSave: (draft: Draft) => void;
}

export function WebhookForm({ initial, workflows, act, busy, error, onSave }: Props) {
  const [begun] = useState(initial);
  const [draft, setDraft] = useState(begun);
  const wrong = wrongIn(draft);
  const valid = Object.keys(wrong).length === 0 && draft.workflow !== "";
  const part = { draft, wrong, onChange: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })) };
  return (
    <form
      className="flex flex-col gap-8"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onSave(draft);
      }}
    >
      <AddressFields {...part} workflows={workflows} />
      <Section title={t.webhooks.form.who}>
        <WhoFields {...part} />
      </Section>
      <Section title={t.webhooks.form.which}>
        <WhichFields {...part} />
      </Section>
      <Section title={t.webhooks.form.answer}>
        <AnswerFields {...part} />
      </Section>
      {error === null || error === undefined ? null : <ProblemPanel error={error} />}
      <div className="sticky bottom-0 -mx-4 flex justify-end border-t bg-page px-4 py-3 md:-mx-6 md:px-6">
        <Button tone="primary" type="submit" busy={busy} disabled={!valid}>
          {act}
        </Button>
      </div>
      <UnsavedGuard drafts={[{ dirty: JSON.stringify(draft) !== JSON.stringify(begun), title: t.unsaved.save }]} />
    </form>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-base font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function AddressFields({ draft, wrong, onChange, workflows }: PartProps & { workflows: string[] }) {
  const names = draft.workflow === "" || workflows.includes(draft.workflow) ? workflows : [draft.workflow, ...workflows];
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.webhooks.form.workflow} hint={t.webhooks.form.workflowHint}>
          {(props) => (
            <Select {...props} value={draft.workflow} onChange={(event) => onChange({ workflow: event.target.value })}>
              {names.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t.webhooks.form.path} hint={t.webhooks.form.pathHint(draft.path)} error={wrong.path ? t.webhooks.form.pathInvalid : undefined}>
          {(props) => <Input {...props} value={draft.path} onChange={(event) => onChange({ path: event.target.value.replace(/^\/+/, "") })} spellCheck={false} className="font-mono text-xs" />}
        </Field>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Methods draft={draft} wrong={wrong} onChange={onChange} />
        <Field label={t.webhooks.form.description} hint={t.webhooks.form.descriptionHint}>
          {(props) => <Input {...props} value={draft.description} maxLength={500} onChange={(event) => onChange({ description: event.target.value })} />}
        </Field>
      </div>
    </div>
  );
}

function Methods({ draft, wrong, onChange }: PartProps) {
  const toggle = (method: string) =>
    onChange({ methods: draft.methods.includes(method) ? draft.methods.filter((one) => one !== method) : [...draft.methods, method] });
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{t.webhooks.form.methods}</legend>
      <div className="flex flex-wrap gap-1.5">
        {METHODS.map((method) => (
          <button
            key={method}
            type="button"
            aria-pressed={draft.methods.includes(method)}
            onClick={() => toggle(method)}
            className="h-8 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-xs text-soft shadow-card hover:border-line-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-ink"
          >
            {method}
          </button>
        ))}
      </div>
      {wrong.methods ? <p className="mt-1.5 text-xs text-faulted">{t.webhooks.form.noMethod}</p> : null}
    </fieldset>
  );
}
