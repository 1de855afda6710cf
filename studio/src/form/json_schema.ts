import type { Json } from "../api/types";
import { isMapping, type Field, type Shape } from "./shape";

/** A connector's input schema (the part of JSON Schema that connectors use) as fields. An argument may always be computed. */
export function fieldsOfSchema(schema: Json | undefined): Field[] {
  if (!isMapping(schema) || !isMapping(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    description: isMapping(property) && typeof property.description === "string" ? property.description : "",
    example: undefined,
    required: required.includes(name),
    shapes: shapesOfSchema(property),
    computed: true,
  }));
}

function shapesOfSchema(schema: Json | undefined): Shape[] {
  if (!isMapping(schema)) return [{ kind: "yaml" }];
  const alternatives = [schema.oneOf, schema.anyOf].find(Array.isArray);
  if (alternatives !== undefined) return alternatives.flatMap((one) => shapesOfSchema(one));
  if (Array.isArray(schema.enum) && schema.enum.every((one) => typeof one === "string")) return [{ kind: "enum", values: schema.enum }];
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => shapeOfType(type, schema));
}

function shapeOfType(type: Json | undefined, schema: { [key: string]: Json }): Shape {
  switch (type) {
    case "string":
      return { kind: "text", long: schema.contentMediaType !== undefined };
    case "number":
      return { kind: "number", integer: false };
    case "integer":
      return { kind: "number", integer: true };
    case "boolean":
      return { kind: "boolean" };
    case "object":
      return isMapping(schema.properties)
        ? { kind: "object", fields: fieldsOfSchema(schema), open: schema.additionalProperties !== false }
        : { kind: "map", texts: isMapping(schema.additionalProperties) && schema.additionalProperties.type === "string" };
    default:
      return { kind: "yaml" };
  }
}
