import { jsonBody, query, request } from "./client";
import type { Json, Page } from "./types";

/** A path under /hooks/ that starts a workflow. */
export type Scheme = "none" | "header" | "basic" | "hmac" | "github" | "stripe" | "slack" | "standard";

export interface Authentication {
  type: Scheme;
  /** The name of a secret of the server, never its value. */
  secret?: string;
  header?: string;
  algorithm?: string;
  encoding?: string;
  prefix?: string;
  timestamp_header?: string | null;
  content?: string;
  tolerance?: string;
}

export interface WebhookSettings {
  path: string;
  methods: string[];
  description: string;
  enabled: boolean;
  /** 200 to everybody, nothing is started. */
  capture: boolean;
  body_max: string;
  authentication: Authentication;
  filter: string | null;
  deduplicate: { header?: string; key?: string; window?: string } | null;
  response: { wait?: string; status?: number | string; headers?: Record<string, string>; body?: Json };
}

export type HookResult =
  | "started"
  | "duplicate"
  | "ignored"
  | "captured"
  | "verified"
  | "replayed"
  | "unauthenticated"
  | "too_large"
  | "unsupported"
  | "invalid"
  | "wrong_method"
  | "disabled"
  | "failed";

export interface SeenSummary {
  id: string;
  at: string;
  duration_us: number;
  result: HookResult;
  status: number;
  reason: string | null;
  execution: string | null;
}

export interface SeenRequest extends SeenSummary {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  hidden_headers: string[];
  body_bytes: number;
  body: Json;
  body_text: string | null;
  can_be_replayed: boolean;
}

export interface Webhook extends WebhookSettings {
  id: string;
  namespace: string;
  workflow: string;
  url: string;
  secret_found: boolean;
  created_at: string;
  updated_at: string;
  last_request: SeenSummary | null;
}

const at = (id: string) => `/v1/webhooks/${encodeURIComponent(id)}`;

export function listWebhooks(workflow: string, cursor: string | null, signal?: AbortSignal) {
  return request<Page<Webhook>>(`/v1/webhooks${query({ workflow, limit: 100, cursor })}`, { signal });
}

export function loadWebhook(id: string, signal?: AbortSignal) {
  return request<Webhook>(at(id), { signal });
}

export function createWebhook(settings: Partial<WebhookSettings> & { workflow: string }) {
  return request<Webhook>("/v1/webhooks", { method: "POST", ...jsonBody(settings) });
}

/** What is absent stays as it is. */
export function changeWebhook(id: string, settings: Partial<WebhookSettings> & { workflow?: string }) {
  return request<Webhook>(at(id), { method: "PATCH", ...jsonBody(settings) });
}

export function deleteWebhook(id: string) {
  return request<null>(at(id), { method: "DELETE" });
}

/** The newest first; of the node that answers. */
export function listRequests(id: string, signal?: AbortSignal) {
  return request<{ items: SeenRequest[] }>(`${at(id)}/requests`, { signal });
}

export function replayRequest(id: string, seen: string) {
  return request<{ execution: string }>(`${at(id)}/requests/${encodeURIComponent(seen)}/replay`, { method: "POST" });
}
