import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelExecution } from "../../api/executions";
import { executionQuery } from "../../api/queries";
import type { Execution } from "../../api/types";
import { hasEnded } from "../../live/fold";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

/** Says what stops and what stays, in numbers, before it happens. */
export function CancelDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const cleaning = execution.cancelling ?? null;
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelExecution(execution.id, reason.trim(), force || cleaning !== null),
    onSuccess: (next) => {
      client.setQueryData(executionQuery(execution.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast({ tone: "success", title: hasEnded(next.status) ? t.cancel.done : t.cancel.cleansUp });
      onClose();
    },
  });
  const active = execution.tasks.filter((task) => task.finished_at === null).length;
  const done = execution.tasks.filter((task) => task.status === "completed").length;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={t.cancel.title}
      description={cleaning === null ? t.cancel.detail(active, done) : t.cancel.again}
      onSubmit={() => cancel.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel.keep}</Button>
          <Button tone="danger" type="submit" busy={cancel.isPending}>
            {cleaning === null ? t.cancel.confirm : t.cancel.endNow}
          </Button>
        </>
      }
    >
      <Field label={t.cancel.reason} hint={t.cancel.reasonHint}>
        {(props) => <Input {...props} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} />}
      </Field>
      {cleaning === null ? (
        <label className="mt-3 flex items-start gap-2 text-sm">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} className="mt-0.5 size-4 accent-(--accent)" />
          <span>
            {t.cancel.force}
            <span className="block text-soft">{t.cancel.forceHint}</span>
          </span>
        </label>
      ) : null}
      {cancel.isError ? (
        <div className="mt-3">
          <ProblemPanel error={cancel.error} />
        </div>
      ) : null}
    </Dialog>
  );
}
