import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { makeTaskLink, type Task } from "../../api/tasks";
import { usePerson } from "../../lib/use_person";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy_button";
import { Dialog } from "../../ui/dialog";
import { Field, Input, Select } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";

const DAYS = [1, 7, 30];

export function LinkDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const person = usePerson();
  const [assignee, setAssignee] = useState(task.assignee ?? "");
  const [days, setDays] = useState(7);
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => makeTaskLink(task.id, { assignee: assignee.trim(), expires_in: `${days}d`, ...(person === "" ? {} : { by: person }) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const url = make.data?.url;
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={t.inbox.link.title}
      description={t.inbox.link.detail}
      onSubmit={() => (url === undefined ? make.mutate() : onClose())}
      footer={
        url === undefined ? (
          <>
            <Button onClick={onClose}>{t.common.cancel}</Button>
            <Button tone="primary" type="submit" busy={make.isPending} disabled={assignee.trim() === ""}>
              {t.inbox.link.make}
            </Button>
          </>
        ) : (
          <Button tone="primary" type="submit">
            {t.common.close}
          </Button>
        )
      }
    >
      {url === undefined ? (
        <div className="flex flex-col gap-3">
          <Field label={t.inbox.link.assignee}>
            {(props) => <Input {...props} value={assignee} maxLength={200} readOnly={task.assignee !== null} onChange={(event) => setAssignee(event.target.value)} />}
          </Field>
          <Field label={t.inbox.link.expires}>
            {(props) => (
              <Select {...props} value={days} onChange={(event) => setDays(Number(event.target.value))}>
                {DAYS.map((one) => (
                  <option key={one} value={one}>
                    {t.inbox.link.days(one)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {make.isError ? <ProblemPanel error={make.error} /> : null}
        </div>
      ) : (
        <div className="flex flex-col gap-2">
          <p className="text-sm text-soft">{t.inbox.link.made}</p>
          <p className="flex items-center gap-2">
            <code data-task-link className="min-w-0 flex-1 rounded-md border bg-sunken px-2.5 py-1.5 font-mono text-xs break-all">
              {url}
            </code>
            <CopyButton text={url} label={t.inbox.link.copy} />
          </p>
        </div>
      )}
    </Dialog>
  );
}
