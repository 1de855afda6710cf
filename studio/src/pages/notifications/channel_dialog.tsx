import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeChannel, createChannel, type Channel, type ChannelType } from "../../api/notifications";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input, Select, TextArea } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { toast } from "../../ui/toast_store";
import { channelDraft, channelSettings, isChannelComplete, NEW_CHANNEL, wrongInChannel, type ChannelDraft, type ChannelWrong } from "./draft";

const TYPES: ChannelType[] = ["webhook", "slack", "email"];

/** Makes a channel, or changes the one that is given. */
export function ChannelDialog({ channel, onClose }: { channel?: Channel; onClose: () => void }) {
  const [draft, setDraft] = useState(channel === undefined ? NEW_CHANNEL : channelDraft(channel));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => (channel === undefined ? createChannel(channelSettings(draft)) : changeChannel(channel.id, channelSettings(draft))),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["notifications"] });
      toast({ tone: "success", title: t.notifications.saved });
      onClose();
    },
  });
  const form = t.notifications.channelForm;
  const wrong = wrongInChannel(draft);
  const valid = isChannelComplete(draft) && Object.keys(wrong).length === 0;
  const part = { draft, wrong, onChange: (change: Partial<ChannelDraft>) => setDraft((before) => ({ ...before, ...change })) };
  return (
    <Dialog
      open
      onClose={onClose}
      title={channel === undefined ? form.create : form.edit(channel.name)}
      onSubmit={() => valid && save.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={save.isPending} disabled={!valid}>
            {channel === undefined ? form.make : form.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Segmented label={form.type} value={draft.type} onChange={(type) => part.onChange({ type })} options={TYPES.map((value) => ({ value, label: t.notifications.types[value] }))} />
        <Field label={form.name} hint={form.nameHint}>
          {(props) => <Input {...props} data-autofocus value={draft.name} maxLength={100} onChange={(event) => part.onChange({ name: event.target.value })} />}
        </Field>
        {draft.type === "email" ? <MailFields {...part} /> : draft.type === "slack" ? <AddressSecret {...part} /> : <WebhookFields {...part} />}
        {save.isError ? <ProblemPanel error={save.error} /> : null}
      </div>
    </Dialog>
  );
}

interface PartProps {
  draft: ChannelDraft;
  wrong: ChannelWrong;
  onChange: (change: Partial<ChannelDraft>) => void;
}

/** What machines read: no help of the browser. */
const MONO = { spellCheck: false, autoComplete: "off", className: "font-mono text-xs" };

function AddressSecret({ draft, onChange }: PartProps) {
  const form = t.notifications.channelForm;
  return (
    <Field label={form.urlSecret} hint={form.urlSecretHint}>
      {(props) => <Input {...props} {...MONO} value={draft.urlSecret} onChange={(event) => onChange({ urlSecret: event.target.value })} />}
    </Field>
  );
}

function WebhookFields(part: PartProps) {
  const { draft, wrong, onChange } = part;
  const form = t.notifications.channelForm;
  return (
    <>
      {draft.urlSecret === "" ? (
        <Field label={form.url} hint={form.urlHint} error={wrong.url ? form.urlInvalid : undefined}>
          {(props) => <Input {...props} {...MONO} value={draft.url} placeholder={form.urlInvalid} onChange={(event) => onChange({ url: event.target.value.trim() })} />}
        </Field>
      ) : (
        <AddressSecret {...part} />
      )}
      <Field label={form.secret} hint={form.secretHint}>
        {(props) => <Input {...props} {...MONO} value={draft.secret} onChange={(event) => onChange({ secret: event.target.value })} />}
      </Field>
    </>
  );
}

function MailFields({ draft, wrong, onChange }: PartProps) {
  const form = t.notifications.channelForm;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_6rem_10rem]">
        <Field label={form.host}>{(props) => <Input {...props} {...MONO} value={draft.host} placeholder="smtp.example.com" onChange={(event) => onChange({ host: event.target.value.trim() })} />}</Field>
        <Field label={form.port}>
          {(props) => <Input {...props} inputMode="numeric" value={draft.port} placeholder={draft.security === "tls" ? "465" : "587"} onChange={(event) => onChange({ port: event.target.value.replace(/\D/g, "").slice(0, 5) })} />}
        </Field>
        <Field label={form.security}>
          {(props) => (
            <Select {...props} value={draft.security} onChange={(event) => onChange({ security: event.target.value as ChannelDraft["security"] })}>
              {(["starttls", "tls", "none"] as const).map((one) => (
                <option key={one} value={one}>
                  {form.securities[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={form.username} hint={form.usernameHint}>
          {(props) => <Input {...props} {...MONO} value={draft.username} onChange={(event) => onChange({ username: event.target.value })} />}
        </Field>
        <Field label={form.password}>{(props) => <Input {...props} {...MONO} value={draft.password} onChange={(event) => onChange({ password: event.target.value })} />}</Field>
      </div>
      <Field label={form.from} error={wrong.from ? form.addressInvalid : undefined}>
        {(props) => <Input {...props} {...MONO} value={draft.from} onChange={(event) => onChange({ from: event.target.value.trim() })} />}
      </Field>
      <Field label={form.to} hint={form.toHint} error={wrong.to ? form.addressInvalid : undefined}>
        {(props) => <TextArea mono {...props} rows={3} spellCheck={false} value={draft.to} onChange={(event) => onChange({ to: event.target.value })} />}
      </Field>
    </>
  );
}
