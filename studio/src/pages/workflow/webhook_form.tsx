import { useState } from "react";
import type { Webhook } from "../../api/types";
import type { WebhookDraft } from "../../api/workflows";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";

interface Props {
  name: string;
  webhook: Webhook | null;
  busy: boolean;
  onSave: (draft: WebhookDraft) => void;
  onCancel: () => void;
}

const METHODS = ["POST", "GET"];
const PATH = /^[A-Za-z0-9][A-Za-z0-9._~/-]*$/;
const WAITS = ["", "5s", "30s", "60s"];

export function WebhookForm({ name, webhook, busy, onSave, onCancel }: Props) {
  const [path, setPath] = useState(webhook?.path ?? name);
  const [method, setMethod] = useState(webhook?.method ?? "POST");
  const [wait, setWait] = useState(webhook?.wait ?? "");
  const valid = PATH.test(path);
  const waits = WAITS.includes(wait) ? WAITS : [...WAITS, wait];
  return (
    <form
      className="rounded-lg border bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onSave({ path, method, ...(wait === "" ? {} : { wait }) });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-[110px_1fr_180px]">
        <Field label={t.webhook.method}>
          {(props) => (
            <Select {...props} value={method} onChange={(event) => setMethod(event.target.value)}>
              {METHODS.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t.webhook.path} hint={t.webhook.pathHint(path)} error={valid ? undefined : t.webhook.pathInvalid}>
          {(props) => <Input {...props} value={path} onChange={(event) => setPath(event.target.value.replace(/^\/+/, ""))} spellCheck={false} autoFocus />}
        </Field>
        <Field label={t.webhook.answer}>
          {(props) => (
            <Select {...props} value={wait} onChange={(event) => setWait(event.target.value)}>
              {waits.map((one) => (
                <option key={one} value={one}>
                  {one === "" ? t.webhook.atOnce : t.webhook.within(one)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onCancel}>{t.common.cancel}</Button>
        <Button tone="primary" type="submit" busy={busy} disabled={!valid}>
          {t.webhook.save}
        </Button>
      </div>
    </form>
  );
}
