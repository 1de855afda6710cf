import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { reassignTask, type Task } from "../../api/tasks";
import { forWhom } from "../../human/task_words";
import { usePerson } from "../../lib/use_person";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

export function ReassignDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const person = usePerson();
  const [assignee, setAssignee] = useState("");
  const [role, setRole] = useState("");
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const reassign = useMutation({
    mutationFn: () => reassignTask(task.id, { assignee: assignee.trim(), role: role.trim(), reason: reason.trim(), by: person === "" ? (task.assignee ?? "?") : person }),
    onSuccess: (next) => {
      void client.invalidateQueries({ queryKey: ["tasks"] });
      toast({ tone: "success", title: t.inbox.reassign.done(forWhom(next)) });
      onClose();
    },
  });
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={t.inbox.reassign.title}
      description={t.inbox.reassign.detail}
      onSubmit={() => reassign.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={reassign.isPending} disabled={assignee.trim() === "" && role.trim() === ""}>
            {t.inbox.reassign.confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label={t.inbox.reassign.assignee}>{(props) => <Input {...props} value={assignee} maxLength={200} onChange={(event) => setAssignee(event.target.value)} />}</Field>
        <Field label={t.inbox.reassign.role}>{(props) => <Input {...props} value={role} maxLength={200} onChange={(event) => setRole(event.target.value)} />}</Field>
        <Field label={t.inbox.reassign.reason}>{(props) => <Input {...props} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}</Field>
        {reassign.isError ? <ProblemPanel error={reassign.error} /> : null}
      </div>
    </Dialog>
  );
}
