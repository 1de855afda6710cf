import { jsonBody, query, request, requestChanged } from "./client";
import type { Execution, ExecutionSummary, JournalEvent, Json, Page } from "./types";

const at = (id: string) => `/v1/executions/${encodeURIComponent(id)}`;

export interface ExecutionFilter {
  workflow?: string;
  status?: string;
  since?: string;
  version?: string;
  error?: string;
  parent?: string;
  id?: string;
  /** name=value */
  tag?: string[];
  attribute?: string[];
}

export function listExecutions(filter: ExecutionFilter, cursor: string | null, signal?: AbortSignal, limit = 50) {
  const path = `/v1/executions${query({ ...filter, limit, cursor })}`;
  return request<Page<ExecutionSummary>>(path, { signal });
}

/** A page that is looked at for long: null when it is as it was. Up to a second old. */
export function watchExecutions(filter: ExecutionFilter, cursor: string | null, etag: string | null, signal?: AbortSignal, limit = 50) {
  return requestChanged<Page<ExecutionSummary>>(`/v1/executions${query({ ...filter, limit, cursor })}`, etag, signal);
}

export function loadExecution(id: string, signal?: AbortSignal) {
  return request<Execution>(at(id), { signal });
}

export function listEvents(id: string, after: number, signal?: AbortSignal, limit = 1000) {
  return request<{ items: JournalEvent[]; next_after: number | null }>(
    `${at(id)}/events${query({ after, limit })}`,
    { signal },
  );
}

/** Of the events behind number `after`, those to come included. */
export function eventStreamUrl(id: string, after: number): string {
  return `${at(id)}/events${query({ after })}`;
}

/** `force`: at once, without cleaning up. */
export function cancelExecution(id: string, reason: string, force: boolean) {
  return request<Execution>(`${at(id)}/cancel`, {
    method: "POST",
    ...jsonBody({ ...(reason === "" ? {} : { reason }), ...(force ? { force } : {}) }),
  });
}

const operate = (path: string, reason: string, more: Record<string, Json> = {}) =>
  request<Execution>(path, {
    method: "POST",
    ...withClient(jsonBody({ ...(reason === "" ? {} : { reason }), ...more })),
  });

const withClient = ({ body, headers }: ReturnType<typeof jsonBody>) => ({ body, headers: { ...headers, "x-elevaite-client": "studio" } });

/** Nothing new begins in it until it is resumed. */
export const pauseExecution = (id: string, reason: string) => operate(`${at(id)}/pause`, reason);

export const resumeExecution = (id: string, reason: string) => operate(`${at(id)}/resume`, reason);

export type RepairAct = "retry" | "skip" | "complete" | "fail";

/** `more`: `output` of complete, `error` of fail. */
export const repairTask = (id: string, task: number, act: RepairAct, reason: string, more: Record<string, Json>) =>
  operate(`${at(id)}/tasks/${task}/${act}`, reason, more);

/** A new execution that goes on from before that task; `input`: what the task is given instead, absent: what it was. */
export const forkExecution = (id: string, task: number, change: { input: Json } | null, reason: string, idempotencyKey: string) => {
  const { body, headers } = withClient(jsonBody({ task, ...change, ...(reason === "" ? {} : { reason }) }));
  return request<Execution>(`${at(id)}/fork`, { method: "POST", body, headers: { ...headers, "idempotency-key": idempotencyKey } });
};

/** The key makes a double click, or a retry after a lost answer, start one execution and not two. */
export function startExecution(name: string, version: string, input: Json, idempotencyKey: string) {
  const { body, headers } = jsonBody(input);
  return request<Execution>(`/v1/workflows/${encodeURIComponent(name)}/executions${query({ version })}`, {
    method: "POST",
    body,
    headers: { ...headers, "idempotency-key": idempotencyKey, "x-elevaite-client": "studio" },
  });
}

/** A run as a file of tests for `elevaite test`. */
export interface RecordedTest {
  file: string;
  source: string;
}

export function recordTest(id: string, signal?: AbortSignal) {
  return request<RecordedTest>(`${at(id)}/test`, { signal });
}

export interface Migration {
  migrated: boolean;
  tasks: { from: string; to: string }[];
  /** New tasks that stand before where the execution is: it does not run them. */
  passed: string[];
}

/** Moves a running execution to another version. What is in the way is in the problem's `obstacles`; nothing changes then. */
export function migrateExecution(id: string, version: string, dryRun: boolean, signal?: AbortSignal) {
  return request<Migration>(`${at(id)}/migrate`, { method: "POST", signal, ...jsonBody({ version, dry_run: dryRun }) });
}
