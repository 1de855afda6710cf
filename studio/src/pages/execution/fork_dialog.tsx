import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { forkExecution } from "../../api/executions";
import type { Execution, Json, TaskExecution } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { randomKey } from "../../lib/random_key";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

interface Props {
  execution: Execution;
  task: TaskExecution;
  onClose: () => void;
}

/** A new run that goes on from before this task. Mounted when it opens: each opening has its own key. */
export function ForkDialog({ execution, task, onClose }: Props) {
  const given: Json = task.raw_input ?? task.input ?? null;
  const before = JSON.stringify(given, null, 2);
  const [text, setText] = useState(before);
  const [reason, setReason] = useState("");
  const [key] = useState(randomKey);
  const client = useQueryClient();
  const navigate = useNavigate();
  const parsed = parseJson(text);
  const isBranch = execution.tasks.find((one) => one.id === task.parent)?.kind === "fork";
  const isFixed = isBranch || task.values_omitted === true;
  const change = !isFixed && text !== before && parsed.ok ? { input: parsed.value } : null;
  const fork = useMutation({
    mutationFn: () => forkExecution(execution.id, task.id, change, reason.trim(), key),
    onSuccess: (begun) => {
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast({ tone: "success", title: t.fork.done(task.name) });
      onClose();
      void navigate(`/executions/${begun.id}`);
    },
  });
  return (
    <Dialog
      open
      width="md"
      onClose={onClose}
      title={t.fork.title(task.name)}
      description={t.fork.what}
      onSubmit={() => fork.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={fork.isPending} disabled={!isFixed && !parsed.ok}>
            {change === null ? t.fork.start : t.fork.startEdited}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {isFixed ? (
          <p className="text-sm text-soft">{isBranch ? t.fork.branch : t.fork.omitted}</p>
        ) : (
          <JsonField label={t.fork.input} hint={t.fork.inputHint} value={text} onChange={setText} />
        )}
        <Field label={t.cancel.reason} hint={t.cancel.reasonHint}>
          {(props) => <Input {...props} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} />}
        </Field>
        {fork.isError ? <ProblemPanel error={fork.error} /> : null}
      </div>
    </Dialog>
  );
}
