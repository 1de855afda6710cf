import { createContext, useContext } from "react";
import type { Diagnostic, Json } from "../api/types";
import type { Probe } from "../document/probe";

/** The task whose form this is. Paths lead from the task to a field. */
export interface FormTask {
  ref: string;
  diagnostics: Diagnostic[];
  /** The names of the other tasks of its list: what `then` may say. */
  siblings: string[];
  /** The document as it would be with this text in a field (document/probe.ts). */
  probe: (path: readonly string[], text: string, bare: boolean) => Probe | null;
  set: (path: string[], value: Json) => void;
  unset: (path: string[]) => void;
}

export const FormTaskContext = createContext<FormTask | null>(null);

export function useFormTask(): FormTask {
  const task = useContext(FormTaskContext);
  if (task === null) throw new Error("a field stands outside of a form");
  return task;
}
