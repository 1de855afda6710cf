import type { Connector, Diagnostic, Json, TaskKind } from "../api/types";
import { within } from "../document/outline_index";
import { fieldsOfSchema } from "./json_schema";
import { isMapping, type Field } from "./shape";
import { fieldsOf, type Vocabulary } from "./vocabulary";

/** The form of one task: what its kind has, then what every task may have. Lists of tasks are left to the canvas. */
export interface TaskForm {
  own: Field[];
  common: Field[];
}

/** The form of a saga's step, which is no task. */
export const stepForm = (vocabulary: Vocabulary): TaskForm => ({
  own: fieldsOf(vocabulary, "saga.step").map(withoutTasks).filter((field) => field !== null),
  common: [],
});

export function taskForm(vocabulary: Vocabulary, connectors: Connector[], kind: TaskKind, definition: Json): TaskForm {
  const common = fieldsOf(vocabulary, "task");
  const names = new Set(common.map((field) => field.name));
  const fields = fieldsOf(vocabulary, `task.${kind}`).filter((field) => !names.has(field.name));
  const own = fields.map((field) => (field.name === "with" ? withArguments(field, vocabulary, connectors, definition) : field));
  return { own: own.map(withoutTasks).filter((field) => field !== null), common };
}

/** The arguments of what is called: of the language's own functions, of a connector, or free ones. */
function withArguments(field: Field, vocabulary: Vocabulary, connectors: Connector[], definition: Json): Field {
  const called = isMapping(definition) && typeof definition.call === "string" ? definition.call : "";
  const standard = fieldsOf(vocabulary, `with.${called}`);
  if (called === "flow.saga") return { ...field, shapes: [{ kind: "object", fields: [], open: true }] };
  const fields = standard.length > 0 ? standard : fieldsOfSchema(connectors.find((one) => one.name === called)?.input_schema);
  if (fields.length === 0) return { ...field, shapes: [{ kind: "map", texts: false }], computed: true };
  return { ...field, required: fields.some((one) => one.required), shapes: [{ kind: "object", fields, open: true }], computed: true };
}

const TASK_LISTS = new Set(["do", "try", "branches", "undo"]);

/** Without the lists of tasks in it; null when it is nothing else. */
function withoutTasks(field: Field): Field | null {
  if (TASK_LISTS.has(field.name)) return null;
  const shapes = field.shapes.map((shape) =>
    shape.kind === "object" ? { ...shape, open: true, fields: shape.fields.map(withoutTasks).filter((one) => one !== null) } : shape,
  );
  return { ...field, shapes };
}

/** Fields that are there or must be; and those that could be added. */
export function shownFields(fields: Field[], value: Json | undefined): { shown: Field[]; more: Field[] } {
  const has = (field: Field) => isMapping(value) && value[field.name] !== undefined;
  return { shown: fields.filter((field) => field.required || has(field)), more: fields.filter((field) => !field.required && !has(field)) };
}

/** What the compiler says of exactly a place, or of anything in it. */
export function problemsAt(diagnostics: Diagnostic[], pointer: string, deep: boolean): Diagnostic[] {
  return diagnostics.filter((one) => one.pointer !== undefined && (deep ? within(one.pointer, pointer) : one.pointer === pointer));
}

/** Of a task's problems those that no field of its form shows: of the task itself, or of a key the form does not know. */
export function problemsElsewhere(diagnostics: Diagnostic[], ref: string, fields: Field[]): Diagnostic[] {
  return diagnostics.filter((one) => {
    if (one.pointer === undefined || !within(one.pointer, ref)) return false;
    const [key] = one.pointer.slice(ref.length + 1).split("/");
    return key === "" || key === undefined || !(TASK_LISTS.has(key) || fields.some((field) => field.name === key));
  });
}
