import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, RotateCcw } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { redriveExecution } from "../../api/dead_letters";
import { executionQuery } from "../../api/queries";
import type { Execution, Json, TaskExecution } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { t } from "../../messages";
import { failureOf } from "../../timeline/rows";
import { Button, buttonClass } from "../../ui/button";
import { Field, Input } from "../../ui/field";
import { JsonTree } from "../../ui/json_tree";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { StatusPill } from "../../ui/status_pill";
import { toast } from "../../ui/toast_store";
import { RepairButton } from "../execution/repair_button";

/** Why one run has failed, what it was asked for, and what can be done about it. */
export function LetterDetail({ id, onBack }: { id: string; onBack: (() => void) | undefined }) {
  const query = useQuery(executionQuery(id));
  return (
    <div className="min-h-0 min-w-0 flex-1 overflow-y-auto">
      <div className="flex flex-col gap-5 px-4 py-4 md:px-6">
        {onBack === undefined ? null : (
          <Button size="sm" tone="ghost" icon={<ArrowLeft size={14} />} onClick={onBack} className="self-start">
            {t.deadLetters.back}
          </Button>
        )}
        {query.isPending ? (
          <SkeletonBlock label={t.common.loading} />
        ) : query.data === undefined ? (
          <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Detail execution={query.data} />
        )}
      </div>
    </div>
  );
}

const requestOf = (task: TaskExecution): Json | undefined => {
  const detail = task.detail;
  return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail.request : undefined;
};

function Detail({ execution }: { execution: Execution }) {
  const parked = execution.tasks.filter((task) => task.status === "suspended");
  const task = parked[0] ?? (execution.status === "faulted" ? failureOf(execution.tasks) : null);
  const error = task?.error ?? execution.error;
  const request = task === null ? undefined : requestOf(task);
  const title =
    parked.length > 0 && task !== null
      ? t.deadLetters.waits(task.name)
      : task !== null
        ? t.deadLetters.failedAt(task.name)
        : execution.status === "faulted"
          ? t.deadLetters.failedWhole
          : t.deadLetters.paused;
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="min-w-fit flex-1 text-base font-semibold">{title}</h2>
        <StatusPill status={execution.status} size="sm" />
        <Link to={`/executions/${execution.id}`} className={buttonClass("secondary", "sm")}>
          {t.deadLetters.openRun}
        </Link>
      </header>
      {error ? (
        <Part title={t.deadLetters.why}>
          <p className="text-sm break-words">{[error.title, error.detail].filter(Boolean).join(": ") || error.type}</p>
          <p className="mt-0.5 font-mono text-xs break-all text-dim">
            {error.type} {error.status}
          </p>
        </Part>
      ) : null}
      {request === undefined ? null : (
        <Part title={t.deadLetters.request}>
          <JsonTree value={request} label={t.deadLetters.request} />
        </Part>
      )}
      {task === null ? null : parked.length > 0 ? <Parked execution={execution} task={task} /> : <Failed execution={execution} task={task} />}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}

function useRedrive(execution: Execution, change: { input: Json } | null, reason: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => redriveExecution(execution.id, change, reason.trim()),
    onSuccess: (next) => {
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast({ tone: "success", title: t.deadLetters.redriven });
      void navigate(`/executions/${next.id}`);
    },
  });
}

function Reason({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label={t.deadLetters.reason} hint={t.cancel.reasonHint}>
      {(props) => <Input {...props} value={value} onChange={(event) => onChange(event.target.value)} maxLength={200} />}
    </Field>
  );
}

/** It waits: the same request again, or another way to go on. */
function Parked({ execution, task }: { execution: Execution; task: TaskExecution }) {
  const [reason, setReason] = useState("");
  const redrive = useRedrive(execution, null, reason);
  return (
    <div className="flex flex-col gap-3">
      <Reason value={reason} onChange={setReason} />
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" icon={<RotateCcw size={14} />} busy={redrive.isPending} onClick={() => redrive.mutate()}>
          {t.deadLetters.tryAgain}
        </Button>
        <RepairButton execution={execution} task={task} className="h-8!" />
      </div>
      {redrive.isError ? <ProblemPanel error={redrive.error} /> : null}
    </div>
  );
}

/** It has ended: a new run goes on from the task that failed. */
function Failed({ execution, task }: { execution: Execution; task: TaskExecution }) {
  const before = JSON.stringify(task.raw_input ?? task.input ?? null, null, 2);
  const [text, setText] = useState(before);
  const [reason, setReason] = useState("");
  const parsed = parseJson(text);
  const isFixed = task.values_omitted === true || execution.tasks.find((one) => one.id === task.parent)?.kind === "fork";
  const change = !isFixed && text !== before && parsed.ok ? { input: parsed.value } : null;
  const redrive = useRedrive(execution, change, reason);
  return (
    <div className="flex flex-col gap-3">
      {isFixed ? null : <JsonField label={t.deadLetters.input} hint={t.deadLetters.inputHint} value={text} onChange={setText} />}
      <Reason value={reason} onChange={setReason} />
      <div>
        <Button tone="primary" icon={<RotateCcw size={14} />} busy={redrive.isPending} disabled={!isFixed && !parsed.ok} onClick={() => redrive.mutate()}>
          {change === null ? t.deadLetters.runAgain : t.deadLetters.runWith}
        </Button>
      </div>
      {redrive.isError ? <ProblemPanel error={redrive.error} /> : null}
    </div>
  );
}
