import { jsonBody, query, request } from "./client";
import type { ExecutionFilter } from "./executions";
import type { ExecutionSummary, Json, Page } from "./types";

export const BULK_ACTS = ["redrive", "retry", "skip", "complete", "fail", "pause", "resume", "cancel", "fork", "migrate", "delete", "prioritize"] as const;
export type BulkAct = (typeof BULK_ACTS)[number];

/** That of the list of executions; `key`: of what waits in the queue alone. */
export type OperationFilter = ExecutionFilter & { key?: string };

/** What can be done to runs that wait in the queue. */
export const QUEUED_ACTS: readonly BulkAct[] = ["prioritize", "cancel"];

/** What may be done to all that match: only what waits has a priority, and what waits has nothing else to be repaired. */
export function actsFor(filter: OperationFilter): readonly BulkAct[] {
  const status = (filter.status ?? "").split(",").filter((one) => one !== "");
  if (status.includes("queued")) return QUEUED_ACTS;
  return status.length === 0 ? BULK_ACTS : BULK_ACTS.filter((act) => act !== "prioritize");
}

/** One act on all runs that match a filter, done by the server in the background. */
export interface Operation {
  id: string;
  act: BulkAct;
  arguments: Record<string, Json>;
  filter: Record<string, string | string[]>;
  by: string;
  reason: string | null;
  state: "running" | "completed" | "cancelled";
  /** null: they have not been counted yet. */
  total: number | null;
  done: number;
  skipped: number;
  failed: number;
  reasons: { execution: string; outcome: "skipped" | "failed"; message: string }[];
  created_at: string;
  updated_at: string;
  ended_at: string | null;
}

export interface OperationPreview {
  count: number;
  /** Of them, those that wait in the queue. */
  queued: number;
  /** There are more than `count`. */
  at_least: boolean;
  examples: ExecutionSummary[];
}

const at = (id: string) => `/v1/operations/${encodeURIComponent(id)}`;

const post = <T>(body: Record<string, unknown>, signal?: AbortSignal) => {
  const { body: text, headers } = jsonBody(body);
  return request<T>("/v1/operations", { method: "POST", body: text, headers: { ...headers, "x-elevaite-client": "studio" }, signal });
};

/** Without the conditions that are not set; none: the server refuses it. */
export const filterJson = (filter: OperationFilter): Record<string, unknown> =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0)));

export const previewOperation = (act: BulkAct, filter: OperationFilter, more: Record<string, Json>, signal?: AbortSignal) =>
  post<OperationPreview>({ act, filter: filterJson(filter), ...more, dry_run: true }, signal);

/** `more`: what the act needs: version, task, output, error, priority. */
export const startOperation = (act: BulkAct, filter: OperationFilter, more: Record<string, Json>, reason: string) =>
  post<Operation>({ act, filter: filterJson(filter), ...more, ...(reason === "" ? {} : { reason }) });

export const listOperations = (cursor: string | null, signal?: AbortSignal) => request<Page<Operation>>(`/v1/operations${query({ cursor })}`, { signal });

export const loadOperation = (id: string, signal?: AbortSignal) => request<Operation>(at(id), { signal });

/** What it has done stays done. */
export const cancelOperation = (id: string) => request<Operation>(`${at(id)}/cancel`, { method: "POST", headers: { "x-elevaite-client": "studio" } });
