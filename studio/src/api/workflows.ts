import { query, request } from "./client";
import type { CheckResult, Page, VersionItem, Workflow, WorkflowSummary } from "./types";

const at = (name: string) => `/v1/workflows/${encodeURIComponent(name)}`;

export function listWorkflows(search: string, cursor: string | null, signal?: AbortSignal, limit = 50) {
  const path = `/v1/workflows${query({ query: search, limit, cursor })}`;
  return request<Page<WorkflowSummary>>(path, { signal });
}

export function loadWorkflow(name: string, version: string | null, signal?: AbortSignal) {
  const path = version === null ? at(name) : `${at(name)}/versions/${encodeURIComponent(version)}`;
  return request<Workflow>(path, { signal });
}

export function listVersions(name: string, signal?: AbortSignal) {
  return request<{ items: VersionItem[] }>(`${at(name)}/versions`, { signal });
}

export function contentType(source: string): string {
  return source.trimStart().startsWith("{") ? "application/json" : "application/yaml";
}

export function publishWorkflow(source: string) {
  return request<Workflow>("/v1/workflows", {
    method: "POST",
    body: source,
    headers: { "content-type": contentType(source), "x-elevaite-client": "studio" },
  });
}

export function checkSource(source: string, signal?: AbortSignal) {
  return request<CheckResult>("/v1/dsl/check", {
    method: "POST",
    body: source,
    headers: { "content-type": contentType(source) },
    signal,
  });
}
