import { jsonBody, request } from "./client";
import { asStudio } from "./flow";
import type { Json } from "./types";

/** What an account says of the calls to a host, or to those that a pattern means. */
export interface HostRule {
  host: string;
  rules: Record<string, Json>;
  updated_at: string | null;
  updated_by: string;
}

/** null: its rule has no breaker. */
export interface Circuit {
  state: "closed" | "open" | "half_open";
  since: string | null;
  until: string | null;
  /** In a row. */
  failures: number;
}

export interface Host {
  host: string;
  /** The pattern of the rule that holds. */
  rule: string | null;
  running: number;
  concurrency: number | null;
  waiting: number;
  oldest: string | null;
  circuit: Circuit | null;
  last_error: { kind: "connection" | "timeout" | "status"; status: number | null; at: string } | null;
  last_call: string | null;
}

const pathOf = (host: string) => `/v1/flow/hosts/${encodeURIComponent(host)}`;

export const listHosts = (signal?: AbortSignal) => request<{ rules: HostRule[]; items: Host[] }>("/v1/flow/hosts?limit=200", { signal });

export const putHostRule = (host: string, rules: Json) => request<HostRule>(pathOf(host), { method: "PUT", ...asStudio(jsonBody(rules)) });

export const dropHostRule = (host: string) => request<null>(pathOf(host), { method: "DELETE", headers: { "x-elevaite-client": "studio" } });

export const closeCircuit = (host: string, reason: string) =>
  request<null>(`${pathOf(host)}/close`, { method: "POST", ...asStudio(jsonBody(reason === "" ? {} : { reason })) });
