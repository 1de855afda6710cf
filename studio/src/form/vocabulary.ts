import type { Field, Shape } from "./shape";

/** The table of the language by the names of its objects: their keys, and what may stand under each. */
export type Vocabulary = ReadonlyMap<string, VocabularyObject>;

export interface VocabularyObject {
  name: string;
  description: string;
  keys: VocabularyKey[];
  /** Another object whose keys this one has as well. */
  base?: string;
  /** Other keys are an error. */
  closed: boolean;
}

export interface VocabularyKey {
  name: string;
  description: string;
  example?: string;
  required: boolean;
  value: VocabularyValue;
}

export interface VocabularyValue {
  /** One or more of: text, expression, boolean, integer, number, duration, enum, uri, object, list, map, named_list, flow, variable, reference, any, computed, code. */
  forms: string[];
  object?: string;
  values?: string[];
  element?: VocabularyValue;
}

export const vocabularyOf = (answer: { objects: VocabularyObject[] }): Vocabulary => new Map(answer.objects.map((object) => [object.name, object]));

/** Objects inside objects end somewhere: what is deeper is shown as YAML. */
const DEPTH_MAX = 6;

export function fieldsOf(vocabulary: Vocabulary, name: string, depth = 0): Field[] {
  const object = vocabulary.get(name);
  if (object === undefined) return [];
  const own = object.keys.map((key) => fieldOf(vocabulary, key, depth));
  return object.base === undefined ? own : [...own, ...fieldsOf(vocabulary, object.base, depth)];
}

function fieldOf(vocabulary: Vocabulary, key: VocabularyKey, depth: number): Field {
  const { name, description, example, required, value } = key;
  return { name, description, example, required, shapes: shapesOf(vocabulary, value, depth), computed: value.forms.includes("computed") };
}

function shapesOf(vocabulary: Vocabulary, value: VocabularyValue, depth: number): Shape[] {
  const shapes: Shape[] = [];
  const is = (form: string) => value.forms.includes(form);
  if (is("expression")) shapes.push({ kind: "expression" });
  if (is("flow")) shapes.push({ kind: "flow" });
  if (is("duration")) shapes.push({ kind: "duration" });
  if (is("enum")) shapes.push({ kind: "enum", values: value.values ?? [] });
  if (is("map")) shapes.push({ kind: "map", texts: value.element?.forms.includes("any") !== true });
  if (is("integer") || is("number")) shapes.push({ kind: "number", integer: !is("number") });
  if (is("boolean")) shapes.push({ kind: "boolean" });
  if (is("text") || is("uri") || is("variable") || is("reference")) shapes.push({ kind: "text", long: is("code") });
  if (is("object")) shapes.push(objectShape(vocabulary, value.object ?? "", depth));
  if (is("named_list") && value.object !== "task") shapes.push({ kind: "named", fields: fieldsOf(vocabulary, value.object ?? "", depth + 1) });
  if (is("list") || is("any") || shapes.length === 0) shapes.push({ kind: "yaml" });
  return shapes;
}

function objectShape(vocabulary: Vocabulary, name: string, depth: number): Shape {
  const object = vocabulary.get(name);
  if (object === undefined || name === "task" || depth >= DEPTH_MAX) return { kind: "yaml" };
  return { kind: "object", fields: fieldsOf(vocabulary, name, depth + 1), open: !object.closed };
}
