import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeRule, createRule, OCCASIONS, type Channel, type Rule } from "../../api/notifications";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input, TextArea } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";
import { isRuleComplete, newRule, ruleDraft, ruleSettings, toggled, wrongInRule, type RuleDraft, type RuleWrong } from "./draft";
import { channelsQuery } from "./use_notifications";

/** Makes a rule, of `workflow` when that is given, or changes one. */
export function RuleDialog({ rule, workflow = "", onClose }: { rule?: Rule; workflow?: string; onClose: () => void }) {
  const channels = useQuery(channelsQuery);
  const items = channels.data?.items ?? [];
  // One channel is the one that is meant.
  const only = items.length === 1 ? items.map((one) => one.id) : [];
  const [changes, setChanges] = useState<Partial<RuleDraft>>({});
  const draft = { ...(rule === undefined ? newRule(workflow, only) : ruleDraft(rule)), ...changes };
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => (rule === undefined ? createRule(ruleSettings(draft)) : changeRule(rule.id, ruleSettings(draft))),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["notifications"] });
      toast({ tone: "success", title: t.notifications.saved });
      onClose();
    },
  });
  const form = t.notifications.ruleForm;
  const wrong = wrongInRule(draft);
  const valid = isRuleComplete(draft) && Object.keys(wrong).length === 0;
  const part = { draft, wrong, onChange: (change: Partial<RuleDraft>) => setChanges((before) => ({ ...before, ...change })) };
  return (
    <Dialog
      open
      width="lg"
      onClose={onClose}
      title={rule === undefined ? form.create : form.edit(rule.name)}
      onSubmit={() => valid && save.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={save.isPending} disabled={!valid} title={valid ? undefined : form.missing}>
            {rule === undefined ? form.make : form.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <Field label={form.name}>{(props) => <Input {...props} data-autofocus value={draft.name} maxLength={100} onChange={(event) => part.onChange({ name: event.target.value })} />}</Field>
        <Occasions {...part} />
        <WhichFields {...part} />
        <Channels {...part} items={items} />
        <WordFields {...part} />
        {save.isError ? <ProblemPanel error={save.error} /> : null}
      </div>
    </Dialog>
  );
}

interface PartProps {
  draft: RuleDraft;
  wrong: RuleWrong;
  onChange: (change: Partial<RuleDraft>) => void;
}

function Choice({ label, detail = "", checked, onToggle }: { label: string; detail?: string; checked: boolean; onToggle: () => void }) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1 text-sm hover:bg-hover">
      <input type="checkbox" checked={checked} onChange={onToggle} className="size-4 shrink-0 accent-accent" />
      <span className="min-w-0">
        {label}
        {detail === "" ? null : <span className="block truncate text-xs text-soft">{detail}</span>}
      </span>
    </label>
  );
}

function Occasions({ draft, onChange }: PartProps) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{t.notifications.ruleForm.on}</legend>
      <div className="-mx-2 grid sm:grid-cols-2">
        {OCCASIONS.map((one) => (
          <Choice key={one} {...t.notifications.occasions[one]} checked={draft.on.includes(one)} onToggle={() => onChange({ on: toggled(draft.on, one) })} />
        ))}
      </div>
    </fieldset>
  );
}

function WhichFields({ draft, wrong, onChange }: PartProps) {
  const form = t.notifications.ruleForm;
  return (
    <>
      <Field label={form.workflows} hint={form.workflowsHint} error={wrong.workflows ? form.workflowsInvalid : undefined}>
        {(props) => <TextArea mono {...props} rows={2} spellCheck={false} value={draft.workflows} onChange={(event) => onChange({ workflows: event.target.value })} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {draft.on.includes("execution.waiting") ? (
          <Field label={form.waitingAfter} error={wrong.waitingAfter ? form.durationInvalid : undefined}>
            {(props) => <Input {...props} value={draft.waitingAfter} onChange={(event) => onChange({ waitingAfter: event.target.value.trim() })} className="font-mono text-xs" />}
          </Field>
        ) : null}
        <Field label={form.groupWithin} hint={form.groupHint} error={wrong.groupWithin ? form.durationInvalid : undefined}>
          {(props) => <Input {...props} value={draft.groupWithin} onChange={(event) => onChange({ groupWithin: event.target.value.trim() })} className="font-mono text-xs" />}
        </Field>
      </div>
    </>
  );
}

function Channels({ draft, onChange, items }: PartProps & { items: Channel[] }) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{t.notifications.ruleForm.channels}</legend>
      <div className="-mx-2 grid sm:grid-cols-2">
        {items.map((one) => (
          <Choice key={one.id} label={one.name} detail={t.notifications.types[one.type]} checked={draft.channels.includes(one.id)} onToggle={() => onChange({ channels: toggled(draft.channels, one.id) })} />
        ))}
      </div>
    </fieldset>
  );
}

function WordFields({ draft, onChange }: PartProps) {
  const form = t.notifications.ruleForm;
  return (
    <details open={draft.subject !== "" || draft.body !== "" || undefined}>
      <summary className="cursor-pointer text-sm font-medium">{form.words}</summary>
      <div className="mt-3 flex flex-col gap-4">
        <Field label={form.subject} hint={form.subjectHint}>
          {(props) => <Input {...props} value={draft.subject} maxLength={8000} onChange={(event) => onChange({ subject: event.target.value })} className="font-mono text-xs" />}
        </Field>
        <Field label={form.body} hint={form.bodyHint}>
          {(props) => <TextArea mono {...props} rows={4} value={draft.body} onChange={(event) => onChange({ body: event.target.value })} />}
        </Field>
      </div>
    </details>
  );
}
