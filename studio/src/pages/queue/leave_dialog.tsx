import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelExecution } from "../../api/executions";
import { executionQuery } from "../../api/queries";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

const REASON_MAX = 200;

/** Cancels a run that has not begun: there is nothing to clean up. */
export function LeaveDialog({ run, onClose }: { run: { id: string; workflow: string }; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelExecution(run.id, reason.trim(), false),
    onSuccess: (next) => {
      client.setQueryData(executionQuery(run.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ["flow"] });
      // It may have begun while the dialog was open; it is cancelled then, too.
      toast({ tone: "success", title: next.started_at === null ? t.flow.leave.done : t.cancel.done });
      onClose();
    },
  });
  const l = t.flow.leave;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={l.title}
      description={l.detail(run.workflow)}
      onSubmit={() => cancel.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{l.keep}</Button>
          <Button tone="danger" type="submit" busy={cancel.isPending}>
            {l.confirm}
          </Button>
        </>
      }
    >
      <Field label={t.cancel.reason} hint={l.reasonHint}>
        {(props) => <Input {...props} value={reason} maxLength={REASON_MAX} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      {cancel.isError ? (
        <div className="mt-3">
          <ProblemPanel error={cancel.error} />
        </div>
      ) : null}
    </Dialog>
  );
}
