import { t } from "../../messages";
import { Field, Input, Select } from "../../ui/field";
import type { Draft, PartProps } from "./draft";

const WINDOWS = ["1h", "1d", "7d", "30d"];
const SIZES = ["64KiB", "1MiB", "4MiB", "16MiB"];

const among = (known: string[], value: string) => (known.includes(value) ? known : [...known, value]);

/** A filter, what makes two requests the same, and how large one may be. */
export function WhichFields({ draft, onChange }: PartProps) {
  const text = t.webhooks.form;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <div className="sm:col-span-2">
        <Field label={text.filter} hint={text.filterHint}>
          {(props) => (
            <Input {...props} value={draft.filter} placeholder='.body.action == "opened"' onChange={(event) => onChange({ filter: event.target.value })} spellCheck={false} className="font-mono text-xs" />
          )}
        </Field>
      </div>
      <Field label={text.once} hint={draft.once === "none" ? undefined : text.onceHint}>
        {(props) => (
          <Select {...props} value={draft.once} onChange={(event) => onChange({ once: event.target.value as Draft["once"] })}>
            <option value="none">{text.onceNone}</option>
            <option value="header">{text.onceHeader}</option>
            <option value="key">{text.onceKey}</option>
          </Select>
        )}
      </Field>
      {draft.once === "none" ? null : (
        <div className="grid grid-cols-[1fr_110px] gap-3">
          {draft.once === "header" ? (
            <Field label={text.header}>
              {(props) => <Input {...props} value={draft.onceHeader} onChange={(event) => onChange({ onceHeader: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
            </Field>
          ) : (
            <Field label={text.keyHint}>
              {(props) => <Input {...props} value={draft.onceKey} onChange={(event) => onChange({ onceKey: event.target.value })} spellCheck={false} className="font-mono text-xs" />}
            </Field>
          )}
          <Field label={text.window}>
            {(props) => (
              <Select {...props} value={draft.window} onChange={(event) => onChange({ window: event.target.value })}>
                {among(WINDOWS, draft.window).map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      )}
      <Field label={text.bodyMax}>
        {(props) => (
          <Select {...props} value={draft.bodyMax} onChange={(event) => onChange({ bodyMax: event.target.value })}>
            {among(SIZES, draft.bodyMax).map((one) => (
              <option key={one} value={one}>
                {one.replace(/(?=[KM]iB$)/, " ")}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
