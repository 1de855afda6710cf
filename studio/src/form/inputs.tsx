import type { Json } from "../api/types";
import { t } from "../messages";
import { Input, Select, TextArea } from "../ui/field";
import { useFormTask } from "./form_context";
import { LazyValueEditor } from "./lazy_value_editor";
import { asExpression, inside, isMapping } from "./shape";
import { useTyped } from "./use_typed";

interface Props<T> {
  id: string;
  label: string;
  value: T;
  onChange: (value: Json) => void;
}

const ROWS_MAX = 12;
const rowsOf = (text: string) => Math.min(ROWS_MAX, text.split("\n").length);

export function TextInput({ id, value, onChange, long = false, placeholder }: Omit<Props<string>, "label"> & { long?: boolean; placeholder?: string }) {
  const { typed, type, leave } = useTyped(value, onChange);
  if (long || typed.includes("\n")) {
    return <TextArea mono id={id} value={typed} rows={Math.max(3, rowsOf(typed))} spellCheck={false} onChange={(event) => type(event.target.value)} onBlur={leave} className="min-h-8" />;
  }
  return <Input id={id} value={typed} placeholder={placeholder} spellCheck={false} onChange={(event) => type(event.target.value)} onBlur={leave} onKeyDown={(event) => event.key === "Enter" && leave()} />;
}

export function NumberInput({ id, value, integer, onChange }: Omit<Props<number>, "label"> & { integer: boolean }) {
  const commit = (text: string) => {
    const number = Number(text);
    if (text.trim() !== "" && Number.isFinite(number) && (!integer || Number.isInteger(number))) onChange(number);
  };
  const { typed, type, leave } = useTyped(String(value), commit);
  return <Input id={id} type="number" step={integer ? 1 : "any"} value={typed} onChange={(event) => type(event.target.value)} onBlur={leave} className="tabular" />;
}

export const BOX = "flex items-stretch rounded-md border border-line-strong bg-surface shadow-card focus-within:border-accent focus-within:outline-1 focus-within:outline-accent hover:border-line-hover";

export function ExpressionInput({ path, label, value, onChange }: Omit<Props<string>, "id"> & { path: string[] }) {
  const { probe } = useFormTask();
  const { typed, type, leave } = useTyped(inside(value), (text) => onChange(asExpression(text)), (text) => text.trim() === inside(value));
  return (
    <div className={BOX}>
      <span aria-hidden="true" className="flex items-center rounded-l-md border-r bg-sunken px-2 font-mono text-xs text-accent-ink select-none">
        {"${ }"}
      </span>
      <LazyValueEditor label={label} value={typed} partly={false} probe={(text) => probe(path, text, true)} onChange={type} onLeave={leave} />
    </div>
  );
}

export function BooleanInput({ id, value, onChange }: Omit<Props<boolean>, "label">) {
  return (
    <Select id={id} value={String(value)} onChange={(event) => onChange(event.target.value === "true")} className="w-full">
      <option value="true">{t.form.yes}</option>
      <option value="false">{t.form.no}</option>
    </Select>
  );
}

export function EnumInput({ id, value, values, onChange }: Omit<Props<string>, "label"> & { values: string[] }) {
  return (
    <Select id={id} value={value} onChange={(event) => onChange(event.target.value)} className="w-full">
      {values.includes(value) ? null : <option value={value}>{value}</option>}
      {values.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </Select>
  );
}

const WORDS = ["continue", "exit", "end"] as const;

/** Where to go on: one of the three words, or a task of the same list. */
export function FlowInput({ id, value, onChange }: Omit<Props<string>, "label">) {
  const { siblings } = useFormTask();
  const known = (WORDS as readonly string[]).includes(value) || siblings.includes(value);
  return (
    <Select id={id} value={value} onChange={(event) => onChange(event.target.value)} className="w-full">
      {known ? null : <option value={value}>{value}</option>}
      {WORDS.map((word) => (
        <option key={word} value={word}>
          {t.form.flow[word]}
        </option>
      ))}
      {siblings.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </Select>
  );
}

const UNITS = ["days", "hours", "minutes", "seconds", "milliseconds"] as const;

/** A number a unit; a text (ISO 8601) is left as the text it is. */
export function DurationInput({ id, label, value, onChange }: Props<Json>) {
  if (!isMapping(value)) return <TextInput id={id} value={typeof value === "string" ? value : ""} placeholder="PT5S" onChange={onChange} />;
  const change = (unit: string, amount: number) => {
    const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== unit));
    const next = amount === 0 ? rest : { ...value, [unit]: amount };
    onChange(Object.keys(next).length === 0 ? { seconds: 0 } : next);
  };
  return (
    <div role="group" aria-label={label} className="grid grid-cols-5 gap-1.5">
      {UNITS.map((unit, index) => (
        <Amount key={unit} id={index === 0 ? id : undefined} unit={unit} value={typeof value[unit] === "number" ? value[unit] : 0} onChange={(amount) => change(unit, amount)} />
      ))}
    </div>
  );
}

function Amount({ id, unit, value, onChange }: { id: string | undefined; unit: (typeof UNITS)[number]; value: number; onChange: (amount: number) => void }) {
  const commit = (text: string) => {
    const amount = Number(text);
    if (Number.isFinite(amount) && amount >= 0) onChange(amount);
  };
  const { typed, type, leave } = useTyped(value === 0 ? "" : String(value), commit);
  return (
    <span className="relative">
      <Input
        id={id}
        inputMode="numeric"
        aria-label={t.form.unitNames[unit]}
        title={t.form.unitNames[unit]}
        value={typed}
        placeholder="0"
        onChange={(event) => type(event.target.value)}
        onBlur={leave}
        className="tabular pr-7 pl-2"
      />
      <span aria-hidden="true" className="pointer-events-none absolute top-1/2 right-1.5 -translate-y-1/2 text-[11px] text-dim">
        {t.form.units[unit]}
      </span>
    </span>
  );
}
