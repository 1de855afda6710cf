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
  search: { waiting: number; lag_ms: number | null; failures: number };
  calls: { running: number; waiting: number; succeeded: number; failed: number };
  storage: { kind: "sqlite" | "postgres"; engine: DatabaseState; workflow: DatabaseState };
  node: { id: string; address: string; keeps_schedules: boolean; nodes: { id: string; address: string; leaving: boolean }[] } | null;
}

export interface DoctorReport {
  healthy: boolean;
  executions: number;
  ended: number;
  timers: number;
  activities: number;
  findings: { execution: string; problem: string; advice: string; mended: string | null }[];
}

export function loadSystem(signal?: AbortSignal) {
  return request<SystemState>("/v1/system", { signal });
}

/** Looks at all that is unfinished: up to a minute. */
export function examine(mend: boolean) {
  return request<DoctorReport>("/v1/system/doctor", { method: mend ? "POST" : "GET" });
}
