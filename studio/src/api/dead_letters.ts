import { jsonBody, query, request } from "./client";
import type { Execution, Json, Page, WorkflowError } from "./types";

/** A task that was given up because the server died each time that it was done. */
export interface DeadLetter {
  id: string;
  execution: string;
  task_id: number;
  namespace: string;
  workflow: string;
  ref: string;
  connector: string;
  attempts: number;
  error: WorkflowError;
  time: string;
}

export function listDeadLetters(workflow: string, signal?: AbortSignal) {
  return request<Page<DeadLetter>>(`/v1/dead-letters${query({ workflow, limit: 20 })}`, { signal });
}

/** Its execution stays as it is. */
export function deleteDeadLetter(id: string) {
  return request<null>(`/v1/dead-letters/${encodeURIComponent(id)}`, { method: "DELETE" });
}

const redrive = (path: string, change: { input: Json } | null, reason: string) => {
  const { body, headers } = jsonBody({ ...change, ...(reason === "" ? {} : { reason }) });
  return request<Execution>(path, { method: "POST", body, headers: { ...headers, "x-elevaite-client": "studio" } });
};

/** The task is done again, where its run waits for it or in a new run; the answer is the run that goes on. */
export const redriveLetter = (id: string, reason: string) => redrive(`/v1/dead-letters/${encodeURIComponent(id)}/redrive`, null, reason);

/** What has failed in a run is tried again: in it when it waits for that, else in a new run, with another input if one is given. */
export const redriveExecution = (id: string, change: { input: Json } | null, reason: string) =>
  redrive(`/v1/executions/${encodeURIComponent(id)}/redrive`, change, reason);
