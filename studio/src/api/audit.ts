import { query, request } from "./client";
import type { Page } from "./types";

export const AUDITED_KINDS = ["execution", "operation", "dead_letter", "schedule", "webhook", "task", "workflow", "flow", "host", "retention", "notification_channel", "notification_rule", "notification", "system"] as const;

/** Who did what to which object, and why. */
export interface AuditEntry {
  id: string;
  time: string;
  who: string;
  act: string;
  object_kind: string;
  object_id: string;
  note: string | null;
  /** Of limits, pauses and rules of hosts: as it was, and as it is; null there: none. */
  change: { before: unknown; after: unknown } | null;
  request_id: string;
}

export interface AuditFilter {
  object_kind?: string;
  object_id?: string;
  who?: string;
}

export const listAudit = (filter: AuditFilter, cursor: string | null, signal?: AbortSignal) => request<Page<AuditEntry>>(`/v1/audit${query({ ...filter, cursor })}`, { signal });
