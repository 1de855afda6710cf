import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { closeCircuit } from "../../../api/hosts";
import { t } from "../../../messages";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { Field, Input } from "../../../ui/field";
import { ProblemPanel } from "../../../ui/problem_panel";
import { toast } from "../../../ui/toast_store";

const REASON_MAX = 250;

export function CloseDialog({ host, onClose }: { host: string; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const c = t.hosts.circuit;
  const close = useMutation({
    mutationFn: () => closeCircuit(host, reason.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["flow", "hosts"] });
      toast({ tone: "success", title: c.done });
      onClose();
    },
  });
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={c.title(host)}
      description={c.explain}
      onSubmit={() => close.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={close.isPending}>
            {c.confirm}
          </Button>
        </>
      }
    >
      <Field label={c.reason} hint={c.reasonHint}>
        {(props) => <Input {...props} value={reason} maxLength={REASON_MAX} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      {close.isError ? (
        <div className="mt-3">
          <ProblemPanel error={close.error} />
        </div>
      ) : null}
    </Dialog>
  );
}
