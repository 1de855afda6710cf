import { Plus, X } from "lucide-react";
import type { SentFile } from "../api/tasks";
import { t } from "../messages";
import { Button } from "../ui/button";
import { Field, Input, Select, TextArea } from "../ui/field";
import { IconButton } from "../ui/icon_button";
import { FileInput } from "./file_input";
import type { Draft, FormField } from "./form_fields";

interface Props {
  field: FormField;
  draft: Draft;
  error: string | undefined;
  onChange: (draft: Draft) => void;
  onFile: (file: File) => Promise<SentFile>;
}

const CHECK = "mt-0.5 size-4 shrink-0 accent-(--accent)";

/** One field of a form, with its title, what it is for, and what is wrong with it. */
export function FieldInput(props: Props) {
  const { field, draft, error, onChange } = props;
  const label = field.required || field.kind.kind === "boolean" ? field.label : `${field.label} (${t.inbox.field.optional})`;
  const hint = field.description === "" ? undefined : field.description;
  if (field.kind.kind === "boolean") {
    return (
      <label className="flex items-start gap-2 text-sm" data-form-field={field.name}>
        <input type="checkbox" checked={draft === true} onChange={(event) => onChange(event.target.checked)} className={CHECK} />
        <span>
          <span className="font-medium">{label}</span>
          {hint === undefined ? null : <span className="block text-xs text-dim">{hint}</span>}
          {error === undefined ? null : <span className="block text-xs text-faulted">{error}</span>}
        </span>
      </label>
    );
  }
  return (
    <div data-form-field={field.name}>
      <Field label={label} hint={hint} error={error}>
        {(wiring) => <Control {...props} wiring={wiring} />}
      </Field>
    </div>
  );
}

type Wiring = { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined };

function Control({ field, draft, onChange, onFile, wiring }: Props & { wiring: Wiring }) {
  const { kind } = field;
  const text = typeof draft === "string" ? draft : "";
  const list = Array.isArray(draft) ? draft : [];
  switch (kind.kind) {
    case "text":
      if (kind.long) return <TextArea {...wiring} value={text} rows={4} onChange={(event) => onChange(event.target.value)} />;
      return <Input {...wiring} type={kind.type} value={text} onChange={(event) => onChange(event.target.value)} />;
    case "number":
      return <Input {...wiring} inputMode={kind.integer ? "numeric" : "decimal"} value={text} onChange={(event) => onChange(event.target.value)} className="tabular" />;
    case "choice":
      return (
        <Select {...wiring} value={text} onChange={(event) => onChange(event.target.value)} className="w-full">
          <option value="">{t.inbox.field.choose}</option>
          {kind.options.map((one) => (
            <option key={String(one.value)} value={String(one.value)}>
              {one.label}
            </option>
          ))}
        </Select>
      );
    case "choices":
      return (
        <div role="group" aria-label={field.label} className="flex flex-wrap gap-x-4 gap-y-1.5">
          {kind.options.map(({ value, label }) => {
            const one = String(value);
            return (
              <label key={one} className="flex items-center gap-2 text-sm">
                <input type="checkbox" checked={list.includes(one)} onChange={(event) => onChange(event.target.checked ? [...list, one] : list.filter((other) => other !== one))} className={CHECK} />
                {label}
              </label>
            );
          })}
        </div>
      );
    case "texts":
      return <Texts list={list} onChange={onChange} wiring={wiring} label={field.label} />;
    case "file":
      return <FileInput wiring={wiring} many={kind.many} accept={kind.accept} onChange={onChange} onFile={onFile} />;
    default:
      return <TextArea mono {...wiring} value={text} rows={4} spellCheck={false} onChange={(event) => onChange(event.target.value)} />;
  }
}

/** A line each. */
function Texts({ list, onChange, wiring, label }: { list: string[]; onChange: (list: string[]) => void; wiring: Wiring; label: string }) {
  const lines = list.length === 0 ? [""] : list;
  return (
    <div className="flex flex-col gap-1.5">
      {lines.map((line, index) => (
        <span key={index} className="flex items-center gap-1">
          <Input
            {...(index === 0 ? wiring : { "aria-label": `${label} ${index + 1}` })}
            value={line}
            onChange={(event) => onChange(lines.map((one, at) => (at === index ? event.target.value : one)))}
          />
          {lines.length === 1 ? null : <IconButton label={t.inbox.field.removeText(index + 1)} icon={<X size={14} />} onClick={() => onChange(lines.filter((_, at) => at !== index))} />}
        </span>
      ))}
      <Button size="sm" tone="ghost" icon={<Plus size={13} />} className="-ml-1.5 self-start" onClick={() => onChange([...lines, ""])}>
        {t.inbox.field.addText}
      </Button>
    </div>
  );
}
