import { useId, useMemo } from "react";
import { t } from "../../messages";
import { Field, Input } from "../../ui/field";

export const viewersZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  const known = useId();
  return (
    <Field label={t.schedules.form.zone}>
      {(props) => (
        <>
          <Input {...props} list={known} value={value} spellCheck={false} onChange={(event) => onChange(event.target.value.trim())} />
          <datalist id={known}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
