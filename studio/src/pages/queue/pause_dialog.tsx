import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { pauseFlow, type PauseRunning, type PauseTarget } from "../../api/flow";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { toast } from "../../ui/toast_store";
import { targetText } from "./wait_text";

const REASON_MAX = 250;

/** Holds back all runs, those of a workflow or of one key of it; what runs already, too, unless it may go on. */
export function PauseDialog({ target, onClose }: { target: PauseTarget; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [running, setRunning] = useState<PauseRunning>("hold");
  const client = useQueryClient();
  const pause = useMutation({
    mutationFn: () => pauseFlow(target, reason.trim(), running),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["flow"] });
      toast({ tone: "success", title: t.flow.pause.done });
      onClose();
    },
  });
  const p = t.flow.pause;
  const all = target.workflow === null;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={all ? p.titleAll : p.title(targetText(target))}
      description={all ? p.detailAll : p.detail}
      onSubmit={() => pause.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={pause.isPending}>
            {p.confirm}
          </Button>
        </>
      }
    >
      <div className="mb-3">
        <p className="mb-1 text-sm font-medium">{p.running}</p>
        <Segmented
          label={p.running}
          value={running}
          onChange={setRunning}
          options={[
            { value: "hold", label: p.hold },
            { value: "finish", label: p.finish },
          ]}
        />
        <p className="mt-1 text-xs text-soft">{running === "hold" ? p.holdHint : p.finishHint}</p>
      </div>
      <Field label={p.reason} hint={p.reasonHint}>
        {(props) => <Input {...props} value={reason} maxLength={REASON_MAX} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      {pause.isError ? (
        <div className="mt-3">
          <ProblemPanel error={pause.error} />
        </div>
      ) : null}
    </Dialog>
  );
}
