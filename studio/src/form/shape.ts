import type { Json } from "../api/types";

/**
 * What may stand at a place, as a form sees it: made from the compiler's vocabulary or from a connector's JSON Schema.
 * Whatever a form has no field for is `yaml`.
 */
export type Shape =
  | { kind: "text"; long?: boolean }
  | { kind: "number"; integer: boolean }
  | { kind: "boolean" }
  | { kind: "enum"; values: string[] }
  | { kind: "duration" }
  /** Always an expression, with or without `${ }` in the text. */
  | { kind: "expression" }
  | { kind: "flow" }
  | { kind: "object"; fields: Field[]; open: boolean }
  | { kind: "map"; texts: boolean }
  /** A list of one-key mappings, such as the cases of a switch. */
  | { kind: "named"; fields: Field[] }
  | { kind: "yaml" };

export interface Field {
  name: string;
  description: string;
  /** YAML, as it stands behind the colon. */
  example?: string;
  required: boolean;
  /** The ways to write the value, the usual one first. */
  shapes: Shape[];
  /** `${ }` may stand for the value. */
  computed: boolean;
}

/** How a value is written now: in one of its shapes, as an expression, or in a way only YAML can show. */
export type Mode = { kind: "expression" } | { kind: "shape"; shape: Shape } | { kind: "yaml" };

export const isExpression = (value: Json | undefined): value is string => typeof value === "string" && /^\s*\$\{[\s\S]*\}\s*$/.test(value);
export const inside = (expression: string): string => expression.trim().replace(/^\$\{\s*|\s*\}$/g, "");
export const asExpression = (text: string): string => `\${ ${text.trim()} }`;

export function modeOf(field: Field, value: Json | undefined): Mode {
  const [usual] = field.shapes;
  if (value === undefined) return usual === undefined ? { kind: "yaml" } : { kind: "shape", shape: usual };
  const expression = field.shapes.find((shape) => shape.kind === "expression");
  if (isExpression(value) && expression === undefined && field.computed) return { kind: "expression" };
  const fitting = field.shapes.find((shape) => fits(shape, value));
  return fitting === undefined ? { kind: "yaml" } : { kind: "shape", shape: fitting };
}

const UNITS = ["days", "hours", "minutes", "seconds", "milliseconds"];

export function fits(shape: Shape, value: Json): boolean {
  switch (shape.kind) {
    case "text":
    case "expression":
    case "flow":
      return typeof value === "string";
    case "enum":
      return typeof value === "string" && shape.values.includes(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "duration":
      return typeof value === "string" || (isMapping(value) && Object.entries(value).every(([unit, n]) => UNITS.includes(unit) && typeof n === "number"));
    case "object":
      return isMapping(value) && (shape.open || Object.keys(value).every((key) => shape.fields.some((field) => field.name === key)));
    case "map":
      return isMapping(value);
    case "named":
      return Array.isArray(value) && value.every((item) => isMapping(item) && Object.keys(item).length === 1 && isMapping(Object.values(item)[0]));
    case "yaml":
      return true;
  }
}

export const isMapping = (value: Json | undefined): value is { [key: string]: Json } => value !== null && typeof value === "object" && !Array.isArray(value);

/** What a field begins with when it is added, or changes to another shape. What was there is kept where it can be. */
export function startOf(shape: Shape, before?: Json): Json {
  switch (shape.kind) {
    case "text":
      return typeof before === "string" ? before : isMapping(before) && typeof before.uri === "string" ? before.uri : "";
    case "expression":
      return asExpression(typeof before === "string" ? inside(before) : ".");
    case "flow":
      return "continue";
    case "enum":
      return shape.values[0] ?? "";
    case "number":
      return typeof before === "number" ? before : 0;
    case "boolean":
      return true;
    case "duration":
      return { seconds: 1 };
    case "object":
      return startOfObject(shape.fields, before);
    case "map":
      return isMapping(before) ? before : {};
    case "named":
      return [];
    case "yaml":
      return before ?? null;
  }
}

function startOfObject(fields: Field[], before?: Json): Json {
  const value: { [key: string]: Json } = {};
  for (const field of fields) {
    const [shape] = field.shapes;
    if (!field.required || shape === undefined) continue;
    value[field.name] = startOf(shape, shape.kind === "text" ? before : undefined);
  }
  return value;
}
