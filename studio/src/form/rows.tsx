import { Plus, Trash2 } from "lucide-react";
import type { Json } from "../api/types";
import { t } from "../messages";
import { Button } from "../ui/button";
import { Input } from "../ui/field";
import { IconButton } from "../ui/icon_button";
import { FieldList } from "./field_row";
import { useFormTask } from "./form_context";
import { BOX } from "./inputs";
import { LazyValueEditor } from "./lazy_value_editor";
import { isMapping, startOf, type Field } from "./shape";
import { useTyped } from "./use_typed";
import { lineOf, valueOf } from "./value_text";

type Mapping = { [key: string]: Json };

/** Names and values, one row each. */
export function MapRows({ path, label, value, texts }: { path: string[]; label: string; value: Mapping; texts: boolean }) {
  const task = useFormTask();
  const names = Object.keys(value);
  const rename = (from: string, to: string) => {
    if (to === "" || (to !== from && names.includes(to))) return;
    task.set(path, Object.fromEntries(Object.entries(value).map(([name, one]) => [name === from ? to : name, one])));
  };
  const add = () => task.set([...path, freeKey(names, "name")], "");
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-1.5">
      {Object.entries(value).map(([name, one], index) => (
        // By position: a row keeps its fields, and the focus in them, while its name changes.
        <div key={index} className="flex items-start gap-1.5">
          <span className="w-2/5 shrink-0">
            <RowText label={t.form.key} value={name} onChange={(next) => rename(name, next.trim())} />
          </span>
          <ValueText path={[...path, name]} value={one} texts={texts} onChange={(next) => task.set([...path, name], next)} />
          <IconButton label={t.form.remove(name)} icon={<Trash2 size={13} />} onClick={() => task.unset([...path, name])} className="mt-0.5" />
        </div>
      ))}
      <Button size="sm" tone="ghost" icon={<Plus size={13} />} onClick={add} className="self-start">
        {t.form.addRow}
      </Button>
    </div>
  );
}

/** A value in one line. Among texts whatever is typed is a text; else it is read as YAML: 3 is a number. */
function ValueText({ path, value, texts, onChange }: { path: string[]; value: Json; texts: boolean; onChange: (value: Json) => void }) {
  const { probe } = useFormTask();
  const plain = texts && typeof value === "string";
  const read = (text: string) => (texts ? text : valueOf(text));
  const { typed, type, leave } = useTyped(
    plain ? value : lineOf(value),
    (text) => onChange(read(text)),
    (text) => JSON.stringify(read(text)) === JSON.stringify(value),
  );
  return (
    <span className={`min-w-0 flex-1 ${BOX}`}>
      <LazyValueEditor label={`${t.form.value} ${path.at(-1)}`} value={typed} partly probe={(text) => probe(path, text, false)} onChange={type} onLeave={leave} />
    </span>
  );
}

interface RowTextProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  className?: string;
}

function RowText({ label, value, onChange, className }: RowTextProps) {
  const { typed, type, leave } = useTyped(value, onChange);
  return <Input aria-label={label} value={typed} spellCheck={false} onChange={(event) => type(event.target.value)} onBlur={leave} className={className} />;
}

/** A list of one-key mappings, such as the cases of a switch: a name, and fields under it. */
export function NamedRows({ path, label, value, fields }: { path: string[]; label: string; value: Json[]; fields: Field[] }) {
  const task = useFormTask();
  const items = value.filter(isMapping).map((item) => Object.entries(item)[0] ?? ["", {}]) as [string, Json][];
  const names = items.map(([name]) => name);
  const write = (next: [string, Json][]) => task.set(path, next.map(([name, one]) => ({ [name]: one })));
  const rename = (at: number, name: string) => {
    if (name !== "" && !names.includes(name)) write(items.map(([old, one], index) => [index === at ? name : old, one]));
  };
  const add = () => write([...items, [freeKey(names, "case"), startOf({ kind: "object", fields, open: false })]]);
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-2">
      {items.map(([name, one], at) => (
        <div key={at} className="rounded-md border p-2.5">
          <div className="mb-2 flex items-center gap-1.5">
            <span className="min-w-0 flex-1">
              <RowText label={t.form.key} value={name} onChange={(next) => rename(at, next.trim())} className="font-medium" />
            </span>
            <IconButton label={t.form.remove(name)} icon={<Trash2 size={13} />} onClick={() => write(items.filter((_item, index) => index !== at))} />
          </div>
          <FieldList fields={fields} value={one} path={[...path, String(at), name]} />
        </div>
      ))}
      <Button size="sm" tone="ghost" icon={<Plus size={13} />} onClick={add} className="self-start">
        {t.form.addCase}
      </Button>
    </div>
  );
}

function freeKey(names: string[], stem: string): string {
  if (!names.includes(stem)) return stem;
  for (let n = 2; ; n++) if (!names.includes(`${stem}${n}`)) return `${stem}${n}`;
}
