import { ChevronDown, CircleAlert, Plus, Trash2, TriangleAlert } from "lucide-react";
import { useId } from "react";
import type { Diagnostic, Json } from "../api/types";
import { escapeName } from "../document/outline_index";
import { parseYaml } from "../document/task_text";
import { t } from "../messages";
import { Button } from "../ui/button";
import { MarkdownLine } from "../ui/markdown";
import { Menu, MenuItem } from "../ui/menu";
import { BooleanInput, DurationInput, EnumInput, ExpressionInput, FlowInput, NumberInput, TextInput } from "./inputs";
import { MapRows, NamedRows } from "./rows";
import { useFormTask } from "./form_context";
import { problemsAt, shownFields } from "./task_form";
import { asExpression, isMapping, modeOf, startOf, type Field, type Mode, type Shape } from "./shape";
import { YamlInput } from "./yaml_input";

/** What only YAML can show begins as its example, so that one sees what it is like. */
function exampleOf({ example }: Field): Json {
  const read = parseYaml(example ?? "");
  return read.ok ? read.value : null;
}

/** The fields of an object: those that are there or must be, and a menu of the others. */
export function FieldList({ fields, value, path }: { fields: Field[]; value: Json | undefined; path: string[] }) {
  const task = useFormTask();
  const { shown, more } = shownFields(fields, value);
  const add = (field: Field) => {
    const [shape] = field.shapes;
    if (shape !== undefined) task.set([...path, field.name], shape.kind === "yaml" ? exampleOf(field) : startOf(shape));
  };
  return (
    <div className="flex flex-col gap-3.5">
      {shown.map((field) => (
        <FieldRow key={field.name} field={field} value={isMapping(value) ? value[field.name] : undefined} path={[...path, field.name]} />
      ))}
      {more.length === 0 ? null : (
        <Menu
          align="start"
          trigger={
            <Button size="sm" tone="ghost" icon={<Plus size={13} />} className="-ml-1.5 self-start">
              {t.form.addField(path.at(-1))}
            </Button>
          }
        >
          {more.map((field) => (
            <MenuItem key={field.name} onSelect={() => add(field)}>
              <span className="block pt-1 font-mono text-xs font-medium">{field.name}</span>
              <span className="block max-w-72 truncate pb-1 text-xs text-soft">{field.description}</span>
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}

function FieldRow({ field, value, path }: { field: Field; value: Json | undefined; path: string[] }) {
  const id = useId();
  const task = useFormTask();
  const mode = modeOf(field, value);
  const pointer = [task.ref, ...path.map(escapeName)].join("/");
  const problems = problemsAt(task.diagnostics, pointer, !(mode.kind === "shape" && (mode.shape.kind === "object" || mode.shape.kind === "named")));
  const nested = mode.kind === "shape" && (mode.shape.kind === "object" || mode.shape.kind === "named");
  return (
    <div data-field={path.join("/")} className="min-w-0">
      <div className="mb-1 flex h-6 items-center gap-1">
        <label htmlFor={id} className="min-w-0 truncate font-mono text-xs font-medium" title={field.description}>
          {field.name}
        </label>
        {field.required ? <span className="text-xs text-dim">*</span> : null}
        <span className="flex-1" />
        <FieldMenu field={field} value={value} mode={mode} path={path} />
      </div>
      <div className={nested ? "border-l border-line pl-3" : undefined}>
        <FieldInput id={id} field={field} value={value} mode={mode} path={path} />
      </div>
      {field.description === "" || nested ? null : <p className="mt-1 text-xs text-dim">
          <MarkdownLine text={field.description} />
        </p>}
      <FieldProblems problems={problems} />
    </div>
  );
}

interface InputProps {
  id: string;
  field: Field;
  value: Json | undefined;
  mode: Mode;
  path: string[];
}

function FieldInput({ id, field, value, mode, path }: InputProps) {
  const task = useFormTask();
  const onChange = (next: Json) => task.set(path, next);
  const label = field.name;
  if (mode.kind === "expression") return <ExpressionInput path={path} label={label} value={String(value)} onChange={onChange} />;
  const shape: Shape = mode.kind === "yaml" ? { kind: "yaml" } : mode.shape;
  const text = typeof value === "string" ? value : "";
  switch (shape.kind) {
    case "text":
      return <TextInput id={id} value={text} long={shape.long} placeholder={field.example} onChange={onChange} />;
    case "number":
      return <NumberInput id={id} value={typeof value === "number" ? value : 0} integer={shape.integer} onChange={onChange} />;
    case "boolean":
      return <BooleanInput id={id} value={value === true} onChange={onChange} />;
    case "enum":
      return <EnumInput id={id} value={text} values={shape.values} onChange={onChange} />;
    case "duration":
      return <DurationInput id={id} label={label} value={value ?? {}} onChange={onChange} />;
    case "expression":
      return <ExpressionInput path={path} label={label} value={text} onChange={onChange} />;
    case "flow":
      return <FlowInput id={id} value={text === "" ? "continue" : text} onChange={onChange} />;
    case "object":
      return <FieldList fields={shape.fields} value={value} path={path} />;
    case "map":
      return <MapRows path={path} label={label} value={isMapping(value) ? value : {}} texts={shape.texts} />;
    case "named":
      return <NamedRows path={path} label={label} value={Array.isArray(value) ? value : []} fields={shape.fields} />;
    case "yaml":
      return <YamlInput label={label} value={value ?? null} onChange={onChange} />;
  }
}

/** The other ways to write the value, and taking it away. */
function FieldMenu({ field, value, mode, path }: Omit<InputProps, "id">) {
  const task = useFormTask();
  const current = mode.kind === "shape" ? mode.shape.kind : mode.kind;
  const others = field.shapes.filter((shape) => shape.kind !== current);
  const toExpression = field.computed && current !== "expression" && !others.some((shape) => shape.kind === "expression");
  if (others.length === 0 && !toExpression && field.required) return null;
  return (
    <Menu
      trigger={
        <button type="button" aria-label={t.form.ways(field.name, t.form.way[current])} className="inline-flex h-6 items-center gap-0.5 rounded-sm px-1.5 text-[11px] text-dim hover:bg-hover hover:text-ink">
          {t.form.way[current]}
          <ChevronDown size={12} />
        </button>
      }
    >
      {others.map((shape) => (
        <MenuItem key={shape.kind} onSelect={() => task.set(path, startOf(shape, value))}>
          {t.form.way[shape.kind]}
        </MenuItem>
      ))}
      {toExpression ? <MenuItem onSelect={() => task.set(path, asExpression(typeof value === "string" && value !== "" ? JSON.stringify(value) : "."))}>{t.form.way.expression}</MenuItem> : null}
      {field.required ? null : (
        <MenuItem icon={<Trash2 size={13} />} onSelect={() => task.unset(path)}>
          {t.form.remove(field.name)}
        </MenuItem>
      )}
    </Menu>
  );
}

export function FieldProblems({ problems }: { problems: Diagnostic[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="mt-1.5 flex flex-col gap-1">
      {problems.map((one, index) => (
        <li key={index} className="flex gap-1.5 text-xs">
          {one.severity === "error" ? (
            <CircleAlert size={13} className="mt-0.5 shrink-0 text-faulted" aria-label={t.diagnostics.error} />
          ) : (
            <TriangleAlert size={13} className="mt-0.5 shrink-0 text-waiting" aria-label={t.diagnostics.warning} />
          )}
          <span>
            <MarkdownLine text={one.message} />
            {one.hint === undefined ? null : (
              <span className="block text-dim">
                <MarkdownLine text={one.hint} />
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
