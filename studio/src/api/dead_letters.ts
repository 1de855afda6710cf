import { query, request } from "./client";
import type { Page, WorkflowError } from "./types";

/** A task that was given up because the server died each time that it was done. */
export interface DeadLetter {
  id: string;
  execution: string;
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
