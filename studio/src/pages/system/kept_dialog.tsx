import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { putRetention, type KeptTimes, type Retention } from "../../api/retention";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

const TIMES = ["completed", "faulted"] as const;

export function KeptDialog({ retention, onClose }: { retention: Retention; onClose: () => void }) {
  const [typed, setTyped] = useState({ completed: retention.rules.completed ?? "", faulted: retention.rules.faulted ?? "" });
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const k = t.kept;
  const rules: Partial<KeptTimes> = Object.fromEntries(TIMES.flatMap((of) => (typed[of].trim() === "" ? [] : [[of, typed[of].trim().toLowerCase()]])));
  const save = useMutation({
    mutationFn: () => putRetention(rules, reason.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["retention"] });
      toast({ tone: "success", title: k.saved });
      onClose();
    },
  });
  const problem = save.isError ? asProblem(save.error).detail : "";
  const wrong = TIMES.find((of) => problem.startsWith(`${of} `));
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={k.title}
      description={retention.archived ? k.warnArchived : k.warn}
      onSubmit={() => save.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={save.isPending}>
            {k.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {TIMES.map((of) => (
          <Field key={of} label={k[of]} hint={k.hint(k.time(retention.standard[of]))} error={wrong === of ? k.wrong(retention.least, retention.most, retention.forever) : undefined}>
            {(props) => <Input {...props} value={typed[of]} placeholder={retention.standard[of]} onChange={(event) => setTyped({ ...typed, [of]: event.target.value })} className="tabular" />}
          </Field>
        ))}
        <Field label={k.reason} hint={k.reasonHint}>
          {(props) => <Input {...props} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {save.isError && wrong === undefined ? <ProblemPanel error={save.error} /> : null}
      </div>
    </Dialog>
  );
}
