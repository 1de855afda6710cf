import { jsonBody, query, request } from "./client";
import type { Json, Page } from "./types";

export type TaskStatus = "open" | "answered" | "expired" | "cancelled";

export interface TaskOutcome {
  decision?: string;
  values?: Json;
  by?: string | null;
  at?: string;
  comment?: string | null;
  error?: Json;
}

/** What a workflow asks people. */
export interface TaskSummary {
  id: string;
  status: TaskStatus;
  title: string;
  assignee: string | null;
  role: string | null;
  namespace: string;
  workflow: string;
  version: string;
  execution: string;
  ref: string;
  task_id: number;
  created_at: string;
  deadline: string | null;
  reminders: number;
  ended_at: string | null;
  outcome: TaskOutcome | null;
}

export interface Decision {
  id: string;
  title: string;
  style: "primary" | "secondary" | "danger";
  comment: "optional" | "required" | "none";
  form: boolean;
}

export interface TaskAct {
  time: string;
  act: string;
  by: string | null;
  detail: { [key: string]: Json } | null;
}

export interface Question {
  title: string;
  text?: string;
  data?: Json;
  form?: Json;
  decisions?: Decision[];
  deadline: string | null;
}

export interface Task extends TaskSummary, Question {
  decisions: Decision[];
  history: TaskAct[];
}

/** What a signed link shows. */
export interface LinkedTask extends Question {
  status: TaskStatus;
  assignee: string;
  created_at: string;
  ended_at: string | null;
  outcome?: { decision: string | null; by: string | null };
}

export interface SentAnswer {
  decision: string;
  values?: Json;
  comment?: string;
}

export interface SentFile {
  id: string;
  name: string;
  type: string;
  bytes: number;
}

export interface TaskFilter {
  status?: "open" | "ended";
  assignee?: string;
  role?: string;
  execution?: string;
}

const STUDIO = { "x-elevaite-client": "studio" };
const at = (id: string) => `/v1/tasks/${encodeURIComponent(id)}`;
const linked = (token: string) => `/t/${encodeURIComponent(token)}`;

export function listTasks(filter: TaskFilter, cursor: string | null, signal?: AbortSignal, limit = 50) {
  return request<Page<TaskSummary>>(`/v1/tasks${query({ ...filter, limit, cursor })}`, { signal });
}

export const countTasks = (signal?: AbortSignal) => request<{ open: number; is_more: boolean }>("/v1/tasks/count", { signal });

export const loadTask = (id: string, signal?: AbortSignal) => request<Task>(at(id), { signal });

export function answerTask(id: string, by: string, answer: SentAnswer) {
  const { body, headers } = jsonBody({ ...answer, by });
  return request<TaskSummary>(`${at(id)}/answer`, { method: "POST", body, headers: { ...headers, ...STUDIO } });
}

export function reassignTask(id: string, to: { assignee?: string; role?: string; reason?: string; by: string }) {
  return request<TaskSummary>(`${at(id)}/reassign`, { method: "POST", ...jsonBody(to) });
}

export function makeTaskLink(id: string, link: { assignee: string; expires_in: string; by?: string }) {
  return request<{ url: string; expires_at: string }>(`${at(id)}/links`, { method: "POST", ...jsonBody(link) });
}

const sendFile = (path: string, file: File) =>
  request<SentFile>(`${path}/files${query({ name: file.name })}`, { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });

export const sendTaskFile = (id: string, file: File) => sendFile(at(id), file);

// By a signed link: nothing but these.
export const loadLinkedTask = (token: string, signal?: AbortSignal) => request<LinkedTask>(`${linked(token)}/task`, { signal });
export const answerLinkedTask = (token: string, answer: SentAnswer) => request<LinkedTask>(`${linked(token)}/answer`, { method: "POST", ...jsonBody(answer) });
export const sendLinkedFile = (token: string, file: File) => sendFile(linked(token), file);
