import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, RotateCcw, SkipForward, X } from "lucide-react";
import { useState } from "react";
import { repairTask, type RepairAct } from "../../api/executions";
import { executionQuery } from "../../api/queries";
import type { Execution, Json } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { toast } from "../../ui/toast_store";

const ICONS = { retry: <RotateCcw size={13} />, skip: <SkipForward size={13} />, complete: <Check size={13} />, fail: <X size={13} /> };

interface Props {
  execution: Execution;
  task: { id: number; name: string };
  /** A wait cannot be tried again, a call can. */
  canRetry: boolean;
  onClose: () => void;
}

/** How a task that runs or has failed goes on by hand. */
export function RepairDialog({ execution, task, canRetry, onClose }: Props) {
  const [act, setAct] = useState<RepairAct>(canRetry ? "retry" : "skip");
  const [output, setOutput] = useState("{}");
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const value = parseJson(output);
  const more = (): Record<string, Json> => {
    if (act === "complete" && value.ok) return { output: value.value };
    return act === "fail" ? { error: title.trim() === "" ? {} : { title: title.trim() } } : {};
  };
  const repair = useMutation({
    mutationFn: () => repairTask(execution.id, task.id, act, reason.trim(), more()),
    onSuccess: (next) => {
      client.setQueryData(executionQuery(execution.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast({ tone: "success", title: t.repair.done[act](task.name) });
      onClose();
    },
  });
  const acts = (["retry", "skip", "complete", "fail"] as const).filter((one) => canRetry || one !== "retry");
  return (
    <Dialog
      open
      width="md"
      onClose={onClose}
      title={t.repair.title(task.name)}
      description={t.repair.what[act]}
      onSubmit={() => repair.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone={act === "fail" ? "danger" : "primary"} type="submit" busy={repair.isPending} disabled={act === "complete" && !value.ok}>
            {t.repair.acts[act]}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="overflow-x-auto">
          <Segmented label={t.repair.how} value={act} onChange={setAct} options={acts.map((one) => ({ value: one, label: t.repair.acts[one], icon: ICONS[one] }))} />
        </div>
        {act === "complete" ? <JsonField label={t.repair.output} hint={t.repair.outputHint} value={output} onChange={setOutput} /> : null}
        {act === "fail" ? (
          <Field label={t.repair.error} hint={t.repair.errorHint}>
            {(props) => <Input {...props} value={title} onChange={(event) => setTitle(event.target.value)} maxLength={200} />}
          </Field>
        ) : null}
        <Field label={t.cancel.reason} hint={t.cancel.reasonHint}>
          {(props) => <Input {...props} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} />}
        </Field>
        {repair.isError ? <ProblemPanel error={repair.error} /> : null}
      </div>
    </Dialog>
  );
}
