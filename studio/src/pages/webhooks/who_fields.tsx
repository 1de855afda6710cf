import { clsx } from "clsx";
import { TriangleAlert } from "lucide-react";
import { useRef } from "react";
import type { Scheme } from "../../api/webhooks";
import { t } from "../../messages";
import { Field, Input, Select } from "../../ui/field";
import { SCHEMES, variableOf, withScheme, type PartProps } from "./draft";

/** How callers show who they are: a scheme, the name of its secret, and what an own signature looks like. */
export function WhoFields({ draft, wrong, onChange }: PartProps) {
  const text = t.webhooks.form;
  const timed = draft.scheme === "stripe" || draft.scheme === "slack" || draft.scheme === "standard" || (draft.scheme === "hmac" && draft.timestampHeader !== "");
  return (
    <>
      <Schemes value={draft.scheme} onChange={(scheme) => onChange(withScheme(draft, scheme))} />
      {draft.scheme === "none" ? (
        <p className="flex items-center gap-2 text-sm text-soft">
          <TriangleAlert size={15} className="shrink-0 text-waiting" />
          {t.webhooks.open}
        </p>
      ) : (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={text.secret}
            hint={draft.scheme === "basic" ? `${text.basicHint} ${text.secretHint(variableOf(draft.secret))}` : text.secretHint(variableOf(draft.secret))}
            error={wrong.secret ? text.secretInvalid : undefined}
          >
            {(props) => <Input {...props} value={draft.secret} onChange={(event) => onChange({ secret: event.target.value })} spellCheck={false} autoComplete="off" className="font-mono text-xs" />}
          </Field>
          {draft.scheme === "header" || draft.scheme === "hmac" ? (
            <Field label={text.header}>
              {(props) => <Input {...props} value={draft.header} onChange={(event) => onChange({ header: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
            </Field>
          ) : null}
          {draft.scheme === "hmac" ? <OwnSignature draft={draft} onChange={onChange} /> : null}
          {timed ? (
            <Field label={text.tolerance}>
              {(props) => <Input {...props} value={draft.tolerance} onChange={(event) => onChange({ tolerance: event.target.value })} className="font-mono text-xs" />}
            </Field>
          ) : null}
        </div>
      )}
    </>
  );
}

function OwnSignature({ draft, onChange }: Pick<PartProps, "draft" | "onChange">) {
  const text = t.webhooks.form;
  const content = draft.timestampHeader === "" ? "{body}" : "{timestamp}.{body}";
  return (
    <>
      <Field label={text.algorithm}>
        {(props) => (
          <Select {...props} value={draft.algorithm} onChange={(event) => onChange({ algorithm: event.target.value })}>
            {["sha256", "sha512", "sha1"].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={text.encoding}>
        {(props) => (
          <Select {...props} value={draft.encoding} onChange={(event) => onChange({ encoding: event.target.value })}>
            {["hex", "base64"].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={text.prefix} hint={text.prefixHint}>
        {(props) => <Input {...props} value={draft.prefix} onChange={(event) => onChange({ prefix: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
      </Field>
      <Field label={text.timestampHeader} hint={text.timestampHint}>
        {(props) => <Input {...props} value={draft.timestampHeader} onChange={(event) => onChange({ timestampHeader: event.target.value.trim(), content: "" })} spellCheck={false} className="font-mono text-xs" />}
      </Field>
      <Field label={text.content}>
        {(props) => <Input {...props} value={draft.content} placeholder={content} onChange={(event) => onChange({ content: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
      </Field>
    </>
  );
}

function Schemes({ value, onChange }: { value: Scheme; onChange: (scheme: Scheme) => void }) {
  const group = useRef<HTMLDivElement>(null);
  const move = (step: number) => {
    const next = SCHEMES[(SCHEMES.indexOf(value) + step + SCHEMES.length) % SCHEMES.length];
    if (next === undefined) return;
    onChange(next);
    (group.current?.children[SCHEMES.indexOf(next)] as HTMLElement | undefined)?.focus();
  };
  return (
    <div ref={group} role="radiogroup" aria-label={t.webhooks.form.who} className="grid grid-cols-2 gap-2 sm:grid-cols-4">
      {SCHEMES.map((scheme) => (
        <button
          key={scheme}
          type="button"
          role="radio"
          aria-checked={scheme === value}
          tabIndex={scheme === value ? 0 : -1}
          onClick={() => onChange(scheme)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            move(step);
          }}
          className={clsx(
            "flex min-h-14 flex-col items-start justify-center rounded-md border px-3 py-2 text-left transition-colors duration-120",
            scheme === value ? "border-accent bg-accent-soft" : "border-line-strong bg-surface shadow-card hover:border-line-hover",
          )}
        >
          <span className={clsx("text-sm font-medium", scheme === value && "text-accent-ink")}>{t.webhooks.schemes[scheme].label}</span>
          <span className="max-w-full truncate text-xs text-soft">{t.webhooks.schemes[scheme].detail}</span>
        </button>
      ))}
    </div>
  );
}
