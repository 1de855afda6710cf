import { useState } from "react";
import { t } from "../../messages";
import type { PartProps } from "./draft";
import { Button } from "../../ui/button";
import { Field, Input, Select, TextArea } from "../../ui/field";

const WAITS = ["", "5s", "10s", "30s", "1m"];

/** At once, or the output: as it is, or made into what the caller wants. */
export function AnswerFields({ draft, wrong, onChange }: PartProps) {
  const text = t.webhooks.form;
  const [mapping, setMapping] = useState(draft.status !== "" || draft.headers !== "" || draft.body !== "");
  const waits = WAITS.includes(draft.wait) ? WAITS : [...WAITS, draft.wait];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={text.wait} hint={draft.wait === "" ? undefined : text.waitHint}>
        {(props) => (
          <Select {...props} value={draft.wait} onChange={(event) => onChange({ wait: event.target.value })}>
            {waits.map((one) => (
              <option key={one} value={one}>
                {one === "" ? text.atOnce : text.within(one)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {draft.wait === "" ? null : mapping ? (
        <>
          <Field label={text.status}>
            {(props) => <Input {...props} value={draft.status} placeholder="200" onChange={(event) => onChange({ status: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
          </Field>
          <JsonText
            label={text.headers}
            hint={text.headersHint}
            placeholder={'{"location": "${ .url }"}'}
            error={wrong.headers === undefined ? undefined : wrong.headers === "json" ? text.invalidJson : text.notObject}
            value={draft.headers}
            onChange={(headers) => onChange({ headers })}
          />
          <JsonText
            label={text.body}
            hint={text.bodyHint}
            placeholder={'{"order": "${ .id }"}'}
            error={wrong.body ? text.invalidJson : undefined}
            value={draft.body}
            onChange={(body) => onChange({ body })}
          />
        </>
      ) : (
        <div className="self-start pt-6.5">
          <Button tone="ghost" onClick={() => setMapping(true)}>
            {text.map}
          </Button>
        </div>
      )}
    </div>
  );
}

interface JsonTextProps {
  label: string;
  hint: string;
  placeholder: string;
  error: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

function JsonText({ label, hint, placeholder, error, value, onChange }: JsonTextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <TextArea mono {...props} value={value} placeholder={placeholder} rows={4} spellCheck={false} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
