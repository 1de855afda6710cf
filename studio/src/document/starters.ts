import type { Json, TaskKind } from "../api/types";
import type { NewTask } from "./gestures";

/** What a new task of each kind begins as: valid, short, and saying by example what it wants. */
const step = (name: string): Json => ({ [name]: { set: { field: "value" } } });

export const STARTERS: Record<TaskKind, NewTask> = {
  set: { name: "setData", definition: { set: { field: "value" } } },
  call: { name: "request", definition: { call: "http", with: { method: "get", endpoint: "https://example.com" } } },
  wait: { name: "pause", definition: { wait: { seconds: 5 } } },
  switch: {
    name: "decide",
    definition: { switch: [{ matches: { when: "${ .amount > 100 }", then: "continue" } }, { otherwise: { then: "continue" } }] },
  },
  for: { name: "eachItem", definition: { for: { each: "item", in: "${ .items }" }, do: [step("step")] } },
  fork: { name: "sideBySide", definition: { fork: { branches: [step("first"), step("second")] } } },
  do: { name: "group", definition: { do: [step("step")] } },
  try: { name: "attempt", definition: { try: [step("step")], catch: { retry: { delay: { seconds: 1 }, limit: { attempt: { count: 3 } } } } } },
  raise: { name: "refuse", definition: { raise: { error: { type: "https://example.com/errors/refused", status: 400, title: "Refused" } } } },
  emit: { name: "announce", definition: { emit: { event: { with: { source: "https://example.com", type: "com.example.happened" } } } } },
  listen: { name: "awaitEvent", definition: { listen: { to: { one: { with: { type: "com.example.happened" } } } } } },
  run: { name: "runWorkflow", definition: { run: { workflow: { namespace: "default", name: "other", version: "1.0.0" } } } },
};

interface Callable {
  name: string;
  input_schema?: Json;
}

/** A call of a connector, with a value for each argument it cannot do without. */
export function callStarter(connector: Callable): NewTask {
  if (connector.name === "http") return STARTERS.call;
  const args = requiredOf(connector.input_schema);
  const name = connector.name.replace(/[^\w]+(\w?)/g, (_whole, next: string) => next.toUpperCase());
  return { name, definition: Object.keys(args).length === 0 ? { call: connector.name } : { call: connector.name, with: args } };
}

function requiredOf(schema: Json | undefined): Record<string, Json> {
  const { required, properties } = objectOf(schema);
  if (!Array.isArray(required)) return {};
  return Object.fromEntries(required.filter((key) => typeof key === "string").map((key) => [key, placeholder(objectOf(properties)[key])]));
}

function placeholder(schema: Json | undefined): Json {
  const { type, default: preset, enum: values } = objectOf(schema);
  if (preset !== undefined) return preset;
  if (Array.isArray(values) && values[0] !== undefined) return values[0];
  const first = Array.isArray(type) ? type[0] : type;
  return first === "number" || first === "integer" ? 0 : first === "boolean" ? false : first === "array" ? [] : first === "object" ? {} : "";
}

const objectOf = (value: Json | undefined): Record<string, Json | undefined> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
