import { jsonBody, query, request } from "./client";
import type { Json, Page, RunStatus } from "./types";

export interface CalendarTime {
  years?: number | number[];
  months?: number | number[];
  /** Of the month; -1 is the last. */
  days?: number | number[];
  weekdays?: string | string[];
  dates?: string | string[];
  at?: string | string[];
}

/** `after` and `on` are of documents only. */
export type TimeEntry = { cron: string } | { every: string; offset?: string } | { calendar: CalendarTime } | { after: string } | { on: string[] };
export type Exclusion = { date: string } | { from: string; to: string } | { calendar: CalendarTime } | { cron: string };

export type Overlap = "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
export type CatchUp = "one" | "all" | "none";

/** What a person may set. */
export interface ScheduleDraft {
  id?: string;
  workflow?: string;
  version?: string | null;
  input?: Json;
  description?: string;
  timezone?: string;
  times?: TimeEntry[];
  exclude?: Exclusion[];
  jitter?: string | null;
  start_at?: string | null;
  end_at?: string | null;
  overlap?: Overlap | null;
  catch_up?: CatchUp | null;
  catch_up_window?: string | null;
  pause_on_failure?: boolean;
}

export interface DueTime {
  at: string;
  /** Later than `at` by the jitter. */
  starts_at: string;
  /** The same time in the zone of the schedule. */
  local: string;
  clock?: "skipped" | "repeated";
  remark?: string;
}

export interface ScheduleEntry {
  what: "started" | "skipped" | "missed" | "refused";
  cause: "time" | "trigger" | "backfill" | "event";
  at: string;
  execution: string | null;
  status?: RunStatus | null;
}

export interface Schedule {
  id: string;
  origin: "document" | "object";
  kind: "times" | "after" | "events";
  namespace: string;
  workflow: string;
  version: string | null;
  has_input: boolean;
  description: string;
  timezone: string;
  times: TimeEntry[];
  exclude: Exclusion[];
  jitter: string | null;
  start_at: string | null;
  end_at: string | null;
  overlap: Overlap;
  catch_up: CatchUp;
  catch_up_window: string | null;
  pause_on_failure: boolean;
  paused: boolean;
  note: string;
  next_at: string | null;
  upcoming: DueTime[];
  running: string[];
  backfills: { asked_at: string; next_from: string; until: string; at_once: boolean }[];
  /** Of one that events start. */
  collected: { events: number; starts: number; forgotten: number } | null;
  created_at: string | null;
  updated_at: string | null;
  /** In lists. */
  last?: ScheduleEntry | null;
  /** Of one: the newest first. */
  recent?: ScheduleEntry[];
  input?: Json;
}

export interface ScheduleFilter {
  search?: string;
  workflow?: string;
  /** Times in this range, instead of the next five. */
  from?: string;
  until?: string;
}

const at = (id: string) => `/v1/schedules/${encodeURIComponent(id)}`;

export function listSchedules(filter: ScheduleFilter, cursor: string | null, signal?: AbortSignal, limit = 50) {
  const { search, ...rest } = filter;
  return request<Page<Schedule>>(`/v1/schedules${query({ query: search, ...rest, limit, cursor })}`, { signal });
}

export function loadSchedule(id: string, signal?: AbortSignal) {
  return request<Schedule>(at(id), { signal });
}

export function previewSchedule(draft: ScheduleDraft, count: number, signal?: AbortSignal) {
  return request<{ upcoming: DueTime[] }>("/v1/schedules/preview", { method: "POST", ...jsonBody({ ...draft, count }), signal });
}

export function createSchedule(draft: ScheduleDraft) {
  return request<Schedule>("/v1/schedules", { method: "POST", ...jsonBody(draft) });
}

/** What is absent stays as it is. */
export function changeSchedule(id: string, draft: ScheduleDraft) {
  return request<Schedule>(at(id), { method: "PATCH", ...jsonBody(draft) });
}

export function deleteSchedule(id: string) {
  return request<null>(at(id), { method: "DELETE" });
}

export function setPaused(id: string, paused: boolean, note: string) {
  return request<Schedule>(`${at(id)}/${paused ? "pause" : "resume"}`, { method: "POST", ...jsonBody({ note }) });
}

export function triggerSchedule(id: string) {
  return request<{ execution: string }>(`${at(id)}/trigger`, { method: "POST" });
}

export interface BackfillRange {
  from: string;
  until: string;
  at_once: boolean;
}

export interface BackfillPreview {
  count: number;
  too_many: boolean;
  count_max: number;
  times: DueTime[];
}

export function foreseeBackfill(id: string, range: BackfillRange, signal?: AbortSignal) {
  return request<BackfillPreview>(`${at(id)}/backfill`, { method: "POST", ...jsonBody({ ...range, dry_run: true }), signal });
}

export function startBackfill(id: string, range: BackfillRange) {
  return request<Schedule>(`${at(id)}/backfill`, { method: "POST", ...jsonBody(range) });
}
