import { jsonBody, query, request } from "./client";
import type { AbortWhen, Canary, VersionItem } from "./types";

const at = (name: string) => `/v1/workflows/${encodeURIComponent(name)}`;

export interface Deployment {
  /** namespace.name */
  workflow: string;
  current_version: string;
  latest_version: string;
  canary: Canary | null;
  /** Goes up with each change. */
  revision: number;
}

export type DeploymentAct = "publish" | "activate" | "rollback" | "canary" | "promote" | "stop" | "abort" | "import";

export interface DeploymentChange {
  revision: number;
  at: string;
  act: DeploymentAct;
  by: string;
  note: string | null;
  current_version: string;
  canary: Canary | null;
}

export interface CountedVersion extends VersionItem {
  /** Have not begun, and will on this version when it is their turn. */
  queued: number;
  unfinished: number;
  oldest_unfinished_at: string | null;
  recent: { started: number; completed: number; faulted: number; cancelled: number };
  /** Of what runs on it; null: nothing does, or it is the current one. */
  move_to_current: { safe: boolean; in_the_way: { message: string; advice: string }[] } | null;
}

export interface CountedVersions {
  items: CountedVersion[];
  counted_since: string;
  /** There may be more unfinished runs than were counted. */
  counted_all: boolean;
}

export function countVersions(name: string, signal?: AbortSignal) {
  return request<CountedVersions>(`${at(name)}/versions${query({ counts: "true" })}`, { signal });
}

export function loadDeployment(name: string, signal?: AbortSignal) {
  return request<Deployment>(`${at(name)}/deployment`, { signal });
}

export function listDeploymentChanges(name: string, cursor: string | null, signal?: AbortSignal) {
  return request<{ items: DeploymentChange[]; next_cursor: string | null }>(`${at(name)}/deployment/history${query({ limit: 20, cursor })}`, { signal });
}

/** Refused when somebody has changed the deployment since `revision` was read. */
function act(name: string, path: string, revision: number, note: string, more: object = {}) {
  const { body, headers } = jsonBody({ revision, ...(note === "" ? {} : { note }), ...more });
  return request<Deployment>(`${at(name)}${path}`, { method: "POST", body, headers: { ...headers, "x-elevaite-client": "studio" } });
}

export const activateVersion = (name: string, revision: number, version: string, note: string) => act(name, "/activate", revision, note, { version });

export const setCanary = (name: string, revision: number, canary: { version: string; percent: number; abort_when: AbortWhen | null }, note: string) =>
  act(name, "/canary", revision, note, canary);

export const promoteCanary = (name: string, revision: number, note: string) => act(name, "/canary/promote", revision, note);

export const stopCanary = (name: string, revision: number, note: string) => act(name, "/canary/stop", revision, note);
