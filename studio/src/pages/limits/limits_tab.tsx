import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pause, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { dropRules, putRules, type Rules, type RulesAnswer } from "../../api/flow";
import { gatesQuery, rulesQuery } from "../../api/queries";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { PageProblem, ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";
import { GateList } from "../queue/gate_list";
import { PauseDialog } from "../queue/pause_dialog";
import { usePauseCommand } from "../queue/use_pause_command";
import { usePausesOf } from "../queue/use_flow";
import { LimitsEditor } from "./limits_editor";

const REFRESH_MS = 2000;

/** How runs of a workflow flow: what holds, what it does now, and the pause of the whole workflow. */
export function LimitsTab({ workflow, onDirty }: { workflow: string; onDirty: (dirty: boolean) => void }) {
  const rules = useQuery(rulesQuery(workflow));
  const [asked, setAsked] = useState<"pause" | "remove" | null>(null);
  const pauses = usePausesOf(workflow);
  const paused = pauses.find((one) => one.workflow === workflow);
  usePauseCommand("workflow", paused, t.flow.pause.workflow, () => setAsked("pause"));
  if (rules.data === undefined) {
    if (!rules.isError) return <SkeletonBlock label={t.common.loading} />;
    return <PageProblem error={rules.error} onRetry={() => void rules.refetch()} />;
  }
  const hasRules = Object.keys(rules.data.rules).length > 0;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-190 flex-col gap-8 px-4 py-6 md:px-6">
        <Now workflow={workflow} />
        <section>
          <div className="flex flex-wrap items-center justify-between gap-3">
            <h2 className="text-base font-semibold">{t.flow.limits.title}</h2>
            <div className="flex flex-wrap gap-2">
              {paused === undefined ? (
                <Button icon={<Pause size={14} />} onClick={() => setAsked("pause")}>
                  {t.flow.pause.workflow}
                </Button>
              ) : null}
              {hasRules ? (
                <Button icon={<Trash2 size={14} />} onClick={() => setAsked("remove")}>
                  {t.flow.limits.remove}
                </Button>
              ) : null}
            </div>
          </div>
          <p className="mt-1 text-sm text-soft">{t.flow.limits.detail}</p>
          <div className="mb-5">
            <Changed rules={rules.data} />
          </div>
          <Editor key={JSON.stringify(rules.data.rules)} workflow={workflow} rules={rules.data.rules} onDirty={onDirty} />
        </section>
      </div>
      {asked === "pause" ? <PauseDialog target={{ workflow, expression: null, key: null }} onClose={() => setAsked(null)} /> : null}
      {asked === "remove" ? <RemoveDialog workflow={workflow} onClose={() => setAsked(null)} /> : null}
    </div>
  );
}

function Changed({ rules }: { rules: RulesAnswer }) {
  if (rules.updated_at === null) return null;
  return (
    <p className="mt-1 text-xs text-dim">
      {t.flow.limits.changed} <RelativeTime iso={rules.updated_at} /> {t.flow.trigger(rules.updated_by)}
    </p>
  );
}

/** What waits and runs of this workflow, and the gates that it passes. */
function Now({ workflow }: { workflow: string }) {
  const { data } = useQuery({ ...gatesQuery(workflow), refetchInterval: REFRESH_MS });
  if (data === undefined) return null;
  const busy = data.queued + data.running > 0;
  return (
    <section>
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 className="text-base font-semibold">{t.flow.limits.now}</h2>
        <p className="tabular text-sm text-soft" data-now={`${data.queued}/${data.running}`}>
          {busy ? t.flow.limits.nowCounts(data.queued, data.running) : t.flow.limits.nowNone}{" "}
          {busy ? (
            <Link to={`/queue?workflow=${encodeURIComponent(workflow)}`} className="rounded-sm text-accent-ink underline underline-offset-2">
              {t.flow.limits.toQueue}
            </Link>
          ) : null}
        </p>
      </div>
      {data.items.some((gate) => gate.kind !== "pause") ? <GateList gates={data.items} ofWorkflow /> : null}
    </section>
  );
}

function Editor({ workflow, rules, onDirty }: { workflow: string; rules: Rules; onDirty: (dirty: boolean) => void }) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (next: Rules) => putRules(workflow, next),
    onSuccess: (answer) => {
      client.setQueryData(rulesQuery(workflow).queryKey, answer);
      void client.invalidateQueries({ queryKey: ["flow"] });
      toast({ tone: "success", title: t.flow.limits.saved });
    },
  });
  return <LimitsEditor rules={rules} busy={save.isPending} error={save.error} onDirty={onDirty} onChange={() => save.isError && save.reset()} onSave={(next) => save.mutate(next)} />;
}

function RemoveDialog({ workflow, onClose }: { workflow: string; onClose: () => void }) {
  const client = useQueryClient();
  const { data } = useQuery(gatesQuery(workflow));
  const remove = useMutation({
    mutationFn: () => dropRules(workflow),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["flow"] });
      toast({ tone: "success", title: t.flow.limits.removed });
      onClose();
    },
  });
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={t.flow.limits.removeTitle}
      description={t.flow.limits.removeDetail(data?.queued ?? 0)}
      onSubmit={() => remove.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="danger" type="submit" busy={remove.isPending}>
            {t.flow.limits.remove}
          </Button>
        </>
      }
    >
      {remove.isError ? <ProblemPanel error={remove.error} /> : null}
    </Dialog>
  );
}
