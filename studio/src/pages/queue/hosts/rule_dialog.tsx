import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { dropHostRule, putHostRule, type HostRule } from "../../../api/hosts";
import { asProblem } from "../../../api/problem";
import { t } from "../../../messages";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { Field, Input, Select } from "../../../ui/field";
import { ProblemPanel } from "../../../ui/problem_panel";
import { toast } from "../../../ui/toast_store";
import { draftOf, placeOf, rulesOf, wrongOf, type HostDraft } from "./host_draft";

const d = t.hosts.dialog;

/** null: a new one. */
export function RuleDialog({ rule, onClose }: { rule: HostRule | null; onClose: () => void }) {
  const [host, setHost] = useState(rule?.host ?? "");
  const [draft, setDraft] = useState<HostDraft>(() => draftOf(rule?.rules ?? { breaker: {} }));
  const client = useQueryClient();
  const told = (title: string) => () => {
    void client.invalidateQueries({ queryKey: ["flow", "hosts"] });
    toast({ tone: "success", title });
    onClose();
  };
  const save = useMutation({ mutationFn: () => putHostRule(host.trim(), rulesOf(draft, rule?.rules ?? {})), onSuccess: told(d.saved) });
  const remove = useMutation({ mutationFn: () => dropHostRule(host), onSuccess: told(d.removed) });
  const failure = save.error ?? remove.error;
  const problem = save.isError ? asProblem(save.error) : null;
  const place = problem === null ? null : placeOf(problem.detail);
  const ofHost = problem !== null && / is no host$/.test(problem.detail) ? problem.detail : undefined;
  const wrong = wrongOf(draft);
  const errorOf = (path: string) => (wrong[path] === undefined ? (place?.path === path ? place.message : undefined) : d[wrong[path]]);
  const valid = host.trim() !== "" && Object.keys(wrong).length === 0;
  const field = (path: string, name: keyof HostDraft, label: string, hint: string, numeric = true) => (
    <Field label={label} hint={hint} error={errorOf(path)}>
      {(props) => (
        <Input
          {...props}
          inputMode={numeric ? "numeric" : undefined}
          spellCheck={false}
          value={draft[name] as string}
          onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
          className="tabular"
        />
      )}
    </Field>
  );
  return (
    <Dialog
      open
      width="lg"
      onClose={onClose}
      title={rule === null ? d.titleNew : d.title(rule.host)}
      description={d.description}
      onSubmit={() => valid && save.mutate()}
      footer={
        <>
          {rule === null ? null : (
            <span className="mr-auto">
              <Button tone="ghost" busy={remove.isPending} onClick={() => remove.mutate()}>
                {d.remove}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={save.isPending} disabled={!valid}>
            {d.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {rule === null ? (
          <Field label={d.host} hint={d.hostHint} error={ofHost}>
            {(props) => <Input {...props} value={host} spellCheck={false} autoComplete="off" onChange={(event) => setHost(event.target.value)} className="font-mono text-xs" />}
          </Field>
        ) : null}
        <div className="grid gap-4 sm:grid-cols-3">
          {field("concurrency", "atOnce", d.atOnce, d.atOnceHint)}
          {field("rate.limit", "rate", d.rate, d.rateHint)}
          {field("rate.period", "period", d.period, d.periodHint, false)}
          {field("queue.max", "queued", d.queued, d.queuedHint)}
          {field("queue.wait", "wait", d.wait, d.waitHint, false)}
        </div>
        <BreakerSwitch on={draft.breaker} onSwitch={(breaker) => setDraft({ ...draft, breaker })} />
        {draft.breaker ? (
          <div className="grid gap-4 sm:grid-cols-3">
            {field("breaker.in_a_row", "inARow", d.inARow, d.inARowHint)}
            {field("breaker.percent", "percent", d.percent, d.percentHint)}
            {field("breaker.open", "open", d.open, d.openHint, false)}
            {field("breaker.probes", "probes", d.probes, d.probesHint)}
            <Field label={d.whenOpen}>
              {(props) => (
                <Select {...props} value={draft.whenOpen} onChange={(event) => setDraft({ ...draft, whenOpen: event.target.value === "wait" ? "wait" : "fail" })}>
                  <option value="fail">{d.fail}</option>
                  <option value="wait">{d.waits}</option>
                </Select>
              )}
            </Field>
          </div>
        ) : null}
        {failure === null || place !== null || ofHost !== undefined ? null : <ProblemPanel error={failure} />}
      </div>
    </Dialog>
  );
}

function BreakerSwitch({ on, onSwitch }: { on: boolean; onSwitch: (on: boolean) => void }) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex cursor-pointer items-start gap-3 border-t pt-4">
      <input id={id} type="checkbox" checked={on} onChange={(event) => onSwitch(event.target.checked)} className="mt-0.5 size-4 shrink-0 accent-(--accent)" />
      <span className="min-w-0">
        <span className="block text-sm font-medium">{d.breaker}</span>
        <span className="block text-sm text-soft">{d.breakerDetail}</span>
      </span>
    </label>
  );
}
