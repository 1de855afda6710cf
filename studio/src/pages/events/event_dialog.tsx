import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { sendEvent } from "../../api/events";
import { JsonField, parseJson } from "../../editor/json_field";
import { randomKey } from "../../lib/random_key";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";

/** Sends an event by hand, to whoever listens for it: to try a workflow, or to help one that waits. */
export function EventDialog({ types, onClose }: { types: string[]; onClose: () => void }) {
  const [type, setType] = useState(types[0] ?? "");
  const [source, setSource] = useState("/studio");
  const [text, setText] = useState("{}");
  // The same id for a second press after a lost answer: the event then counts once.
  const [id] = useState(randomKey);
  const known = useId();
  const client = useQueryClient();
  const data = parseJson(text);
  const ready = data.ok && type.trim() !== "" && source.trim() !== "";
  const send = useMutation({
    mutationFn: () => sendEvent({ id, type: type.trim(), source: source.trim(), data: data.ok ? data.value : null }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast({ tone: "success", title: t.events.sent(type.trim()) });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.events.title}
      description={t.events.detail}
      onSubmit={() => ready && send.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={send.isPending} disabled={!ready}>
            {t.events.send}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t.events.type}>
          {(props) => <Input {...props} list={known} value={type} onChange={(event) => setType(event.target.value)} spellCheck={false} className="font-mono text-xs" />}
        </Field>
        <datalist id={known}>
          {types.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <Field label={t.events.source} hint={t.events.sourceHint}>
          {(props) => <Input {...props} value={source} onChange={(event) => setSource(event.target.value)} spellCheck={false} className="font-mono text-xs" />}
        </Field>
        <JsonField label={t.events.data} hint={t.events.dataHint} value={text} onChange={setText} />
        {send.isError ? <ProblemPanel error={send.error} /> : null}
      </div>
    </Dialog>
  );
}
