import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { dropRules, putRules, type Rules } from "../../api/flow";
import { asProblem } from "../../api/problem";
import { rulesQuery } from "../../api/queries";
import type { Json } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { toast } from "../../ui/toast_store";
import { placeOf } from "../limits/draft";

/** What holds for all workflows of the account together. */
export function AccountDialog({ onClose }: { onClose: () => void }) {
  const query = useQuery({ ...rulesQuery(null), staleTime: 0 });
  if (query.data === undefined) {
    return (
      <Dialog open width="sm" onClose={onClose} title={t.flow.account.title} description={t.flow.account.detail}>
        {query.isError ? <ProblemPanel error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonBlock label={t.common.loading} />}
      </Dialog>
    );
  }
  return <AccountForm rules={query.data.rules} onClose={onClose} />;
}

const text = (value: Json | undefined): string => (typeof value === "number" ? String(value) : "");
const queueOf = (rules: Rules) => (typeof rules.queue === "object" && rules.queue !== null && !Array.isArray(rules.queue) ? rules.queue : {});
const isCount = (typed: string) => typed.trim() === "" || /^[1-9]\d*$/.test(typed.trim());

function AccountForm({ rules, onClose }: { rules: Rules; onClose: () => void }) {
  const [atOnce, setAtOnce] = useState(text(rules.concurrency));
  const [queued, setQueued] = useState(text(queueOf(rules).max));
  const [weight, setWeight] = useState(text(rules.weight));
  const client = useQueryClient();
  const given = (name: string, typed: string): Rules => (typed.trim() === "" ? {} : { [name]: Number(typed) });
  const next: Rules = { ...given("concurrency", atOnce), ...(queued.trim() === "" ? {} : { queue: given("max", queued) }), ...given("weight", weight) };
  const save = useMutation({
    mutationFn: async () => {
      if (Object.keys(next).length === 0) await dropRules(null);
      else await putRules(null, next);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["flow"] });
      toast({ tone: "success", title: t.flow.account.saved });
      onClose();
    },
  });
  const a = t.flow.account;
  const place = save.isError ? placeOf(asProblem(save.error).detail) : null;
  const errorOf = (path: string, typed: string) => (isCount(typed) ? (place?.path === path ? place.message : undefined) : t.flow.limits.number);
  const valid = isCount(atOnce) && isCount(queued) && isCount(weight);
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={a.title}
      description={a.detail}
      onSubmit={() => valid && save.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={save.isPending} disabled={!valid}>
            {a.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={a.atOnce} hint={a.atOnceHint} error={errorOf("concurrency", atOnce)}>
          {(props) => <Input {...props} inputMode="numeric" value={atOnce} onChange={(event) => setAtOnce(event.target.value)} className="tabular" />}
        </Field>
        <Field label={a.queued} hint={a.queuedHint} error={errorOf("queue.max", queued)}>
          {(props) => <Input {...props} inputMode="numeric" value={queued} onChange={(event) => setQueued(event.target.value)} className="tabular" />}
        </Field>
        <Field label={a.weight} hint={a.weightHint} error={errorOf("weight", weight)}>
          {(props) => <Input {...props} inputMode="numeric" value={weight} onChange={(event) => setWeight(event.target.value)} className="tabular" />}
        </Field>
        {save.isError && place === null ? <ProblemPanel error={save.error} /> : null}
      </div>
    </Dialog>
  );
}
