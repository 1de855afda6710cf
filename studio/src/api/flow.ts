import { jsonBody, query, request } from "./client";
import type { ExecutionSummary, Json, Page } from "./types";

/** What holds runs back, for one key or for all. */
export interface GateName {
  kind: "concurrency" | "throttle" | "pause";
  /** namespace.name; null: of the account. */
  workflow: string | null;
  /** The jq that makes the key; null: one gate for all. */
  expression: string | null;
  key: string | null;
}

export interface Gate extends GateName {
  /** Of concurrency. */
  limit: number | null;
  in_use: number | null;
  /** Of throttle. */
  interval_ms?: number;
  burst?: number;
  waiting: number;
  oldest: string | null;
  note: string | null;
}

/** Why a run has not begun. Of what is collected there is neither gate nor place. */
export interface WaitsFor extends Partial<Omit<GateName, "kind">> {
  kind: GateName["kind"] | "turn" | "debounce" | "batch" | "singleton";
  /** Among the runs of its workflow with the same keys. */
  place?: number;
  since: string | null;
  limit?: number;
  until?: string | null;
  note?: string;
}

export interface QueuedRun extends Pick<ExecutionSummary, "id" | "workflow" | "namespace" | "version" | "status" | "trigger" | "created_at"> {
  priority: number;
  /** By the expression that makes each. */
  keys: Record<string, string>;
  /** null: it is about to start. */
  waits_for: WaitsFor | null;
}

export interface Gates {
  queued: number;
  /** By debounce, batch or singleton; queued after that. */
  collecting: number;
  running: number;
  items: Gate[];
}

/** What is held: all, one workflow, or one key of it. */
export interface PauseTarget {
  workflow: string | null;
  expression: string | null;
  key: string | null;
}

/** What runs already is held, or goes on. */
export type PauseRunning = "hold" | "finish";

export interface Pause extends PauseTarget {
  reason: string;
  since: string;
  by: string;
  running?: PauseRunning;
}

export type Rules = { [member: string]: Json };

export interface RulesAnswer {
  workflow: string | null;
  rules: Rules;
  updated_at: string | null;
  updated_by: string;
}

/** Of a workflow; null: of the account. */
const rulesPath = (workflow: string | null) => (workflow === null ? "/v1/flow" : `/v1/workflows/${encodeURIComponent(workflow)}/flow`);

export const asStudio = ({ body, headers }: ReturnType<typeof jsonBody>) => ({ body, headers: { ...headers, "x-elevaite-client": "studio" } });

export const loadRules = (workflow: string | null, signal?: AbortSignal) => request<RulesAnswer>(rulesPath(workflow), { signal });

export const putRules = (workflow: string | null, rules: Json) => request<RulesAnswer>(rulesPath(workflow), { method: "PUT", ...asStudio(jsonBody(rules)) });

export const dropRules = (workflow: string | null) => request<null>(rulesPath(workflow), { method: "DELETE", headers: { "x-elevaite-client": "studio" } });

export interface QueueFilter {
  /** Empty for all. */
  workflow: string;
  /** Of that workflow those that have this key, whichever rule asks for it; empty for all. */
  key: string;
}

export const listQueued = ({ workflow, key }: QueueFilter, cursor: string | null, signal?: AbortSignal, limit = 50) =>
  request<Page<QueuedRun>>(`/v1/flow/queue${query({ workflow, key: workflow === "" ? "" : key, cursor, limit })}`, { signal });

export const loadGates = (workflow: string, signal?: AbortSignal) => request<Gates>(`/v1/flow/gates${query({ workflow })}`, { signal });

export const listPauses = (signal?: AbortSignal) => request<{ items: Pause[] }>("/v1/flow/pauses", { signal });

/** Without what does not apply: the server takes a null key for none. */
const targetOf = ({ workflow, expression, key }: PauseTarget) => ({
  ...(workflow === null ? {} : { workflow }),
  ...(expression === null ? {} : { expression, key: key ?? "" }),
});

export const pauseFlow = (target: PauseTarget, reason: string, running: PauseRunning) =>
  request<Pause>("/v1/flow/pause", { method: "POST", ...asStudio(jsonBody({ ...targetOf(target), running, ...(reason === "" ? {} : { reason }) })) });

export const resumeFlow = (target: PauseTarget) => request<null>("/v1/flow/resume", { method: "POST", ...asStudio(jsonBody(targetOf(target))) });
