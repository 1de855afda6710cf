import { request } from "./client";
import type { SystemInfo } from "./types";

export interface PartitionState {
  partition: number;
  /** Id of a node; null: nobody has it. */
  owner: string | null;
  here: boolean;
  /** Of those that are here. */
  active: number | null;
  queued: number | null;
  reads_back: boolean;
  failure: string | null;
}

export interface DatabaseState {
  commits: number;
  commits_failed: number;
  writes_queued: number;
  queries_queued: number;
  queries_failed: number;
  log_bytes: number;
}

export interface SystemState extends SystemInfo {
  executions_active: number;
  partitions: PartitionState[];
  admission: { refused_share: number; refused: number; failure: string | null };
  events: { accepted: number; duplicates: number; refused: number; stored: number; expired: number; unheard: number };
  search: { waiting: number; lag_ms: number | null; failures: number };
  calls: { running: number; waiting: number; succeeded: number; failed: number };
  storage: { kind: "sqlite" | "postgres"; engine: DatabaseState; workflow: DatabaseState };
  node: { id: string; address: string; keeps_schedules: boolean; nodes: { id: string; address: string; leaving: boolean }[] } | null;
}

export interface Examination {
  id: string;
  state: "running" | "completed" | "cancelled" | "failed";
  mend: boolean;
  /** What it looks at now, or did last. */
  phase: "indexes" | "tables" | "payloads" | "executions";
  started_at: string;
  ended_at: string | null;
  error: string | null;
  /** Null: not known before its end. */
  healthy: boolean | null;
  executions: number;
  ended: number;
  timers: number;
  activities: number;
  indexes: number;
  findings: { execution: string; problem: string; advice: string; mended: string | null }[];
  /** What could not be looked at, and why. */
  unseen: string[];
}

export function loadSystem(signal?: AbortSignal) {
  return request<SystemState>("/v1/system", { signal });
}

/** The newest of the process that answers; null: there was none since it was started. */
export async function loadExamination(signal?: AbortSignal) {
  return (await request<{ latest: Examination | null }>("/v1/system/doctor", { signal })).latest;
}

/** It goes on by itself. */
export function beginExamination(mend: boolean) {
  return request<Examination>(mend ? "/v1/system/doctor/mend" : "/v1/system/doctor", { method: "POST" });
}

export function cancelExamination(id: string) {
  return request<Examination>(`/v1/system/doctor/${id}`, { method: "DELETE" });
}
