import { t } from "../../messages";
import { Field, Input } from "../../ui/field";

/** Why somebody changes which version starts. */
export function NoteField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label={t.versions.note} hint={t.versions.noteHint}>
      {(props) => <Input {...props} value={value} maxLength={250} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}
