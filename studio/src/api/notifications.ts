import { jsonBody, query, request } from "./client";
import type { Page } from "./types";

export type ChannelType = "webhook" | "slack" | "email";

export interface ChannelSettings {
  name: string;
  type: ChannelType;
  enabled: boolean;
  give_up_after: string;
  /** Of a webhook; or `url_secret`. */
  url?: string;
  /** Names of secrets of the server, never their values. */
  url_secret?: string;
  secret?: string;
  host?: string;
  port?: number;
  security?: "starttls" | "tls" | "none";
  username?: string;
  password_secret?: string;
  from?: string;
  to?: string[];
}

export interface Answer {
  at: string;
  status: number | null;
  text: string | null;
  error: string | null;
  duration_ms: number;
}

export type MessageStatus = "pending" | "delivered" | "given_up" | "grouped";

export interface Message {
  id: string;
  channel: string;
  channel_name: string | null;
  rule: string;
  rule_name: string | null;
  type: string;
  namespace: string;
  workflow: string;
  execution: string | null;
  status: MessageStatus;
  subject: string;
  count: number;
  url: string;
  attempts: number;
  next_attempt_at: string | null;
  created_at: string;
  ended_at: string | null;
  answer: Answer | null;
}

export interface Channel extends ChannelSettings {
  id: string;
  missing_secrets: string[];
  pending: number;
  last: Message | null;
}

export const OCCASIONS = [
  "execution.failed",
  "execution.waiting",
  "execution.parked",
  "execution.completed",
  "execution.cancelled",
  "task.opened",
  "task.reminder",
  "task.escalated",
  "task.overdue",
  "schedule.paused",
] as const;
export type Occasion = (typeof OCCASIONS)[number];

export interface RuleSettings {
  name: string;
  enabled: boolean;
  on: Occasion[];
  workflows: string[];
  tags: Record<string, string>;
  subflows: boolean;
  channels: string[];
  waiting_after: string;
  group_within: string;
  subject: string | null;
  body: string | null;
}

export interface Rule extends RuleSettings {
  id: string;
  channel_names: (string | null)[];
}

const CHANNELS = "/v1/notification-channels";
const RULES = "/v1/notification-rules";
const at = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;

export const listChannels = (signal?: AbortSignal) => request<{ items: Channel[] }>(CHANNELS, { signal });
export const createChannel = (settings: Partial<ChannelSettings>) => request<Channel>(CHANNELS, { method: "POST", ...jsonBody(settings) });
export const changeChannel = (id: string, settings: Partial<ChannelSettings>) => request<Channel>(at(CHANNELS, id), { method: "PATCH", ...jsonBody(settings) });
export const deleteChannel = (id: string) => request<null>(at(CHANNELS, id), { method: "DELETE" });
/** Sends a message at once and waits for what the other side says. */
export const testChannel = (id: string) => request<Answer & { delivered: boolean }>(`${at(CHANNELS, id)}/test`, { method: "POST" });

/** `workflow`: only what is about it; empty for all. */
export const listRules = (workflow: string, signal?: AbortSignal) => request<{ items: Rule[] }>(`${RULES}${query({ workflow: workflow || undefined })}`, { signal });
export const createRule = (settings: Partial<RuleSettings>) => request<Rule>(RULES, { method: "POST", ...jsonBody(settings) });
export const changeRule = (id: string, settings: Partial<RuleSettings>) => request<Rule>(at(RULES, id), { method: "PATCH", ...jsonBody(settings) });
export const deleteRule = (id: string) => request<null>(at(RULES, id), { method: "DELETE" });

export const listMessages = (status: string, cursor: string | null, signal?: AbortSignal) =>
  request<Page<Message>>(`/v1/notifications${query({ status: status || undefined, limit: 50, cursor })}`, { signal });
export const retryMessage = (id: string) => request<Message>(`${at("/v1/notifications", id)}/retry`, { method: "POST" });
