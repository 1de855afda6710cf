import { request } from "./client";
import type { Diagnostic, Json, Outline } from "./types";

/** What the compiler offers to people who write: completion, hover, format, typed edits. Lines and columns count from 1. */
export interface Position {
  line: number;
  /** In code points, not in UTF-16 units. */
  column: number;
}

export interface TextChange {
  from: Position;
  to: Position;
  insert: string;
}

/** One edit of a document. Operations of one request follow each other, each on what the last one left; pointers are RFC 6901. */
export type Operation =
  | { op: "add"; list: string; at: number; name: string; task: Json }
  | { op: "replace"; task: string; definition: Json }
  | { op: "move"; task: string; list: string; at: number }
  | { op: "rename"; task: string; name: string }
  | { op: "delete"; task: string }
  | { op: "set"; at: string; value: Json }
  | { op: "unset"; at: string };

export interface EditResult {
  source: string;
  changes: TextChange[];
  valid: boolean;
  diagnostics: Diagnostic[];
  outline: Outline | null;
}

export interface CompletionItem {
  label: string;
  kind: string;
  detail?: string;
  documentation?: string;
  /** What is put in, as plain text. */
  insert: string;
  /** The same with places to fill in, as in the Language Server Protocol; null when there are none. */
  snippet?: string | null;
}

export interface CompletionAnswer {
  from: Position;
  to: Position;
  items: CompletionItem[];
}

export interface HoverAnswer {
  range: { from: Position; to: Position };
  markdown: string;
}

function ask<T>(what: string, body: object, signal?: AbortSignal): Promise<T> {
  return request<T>(`/v1/dsl/${what}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
    signal,
  });
}

export const editSource = (source: string, operations: Operation[], signal?: AbortSignal) =>
  ask<EditResult>("edit", { source, operations }, signal);

export const completeAt = (source: string, at: Position, signal?: AbortSignal) =>
  ask<CompletionAnswer | null>("complete", { source, ...at }, signal);

export const hoverAt = (source: string, at: Position, signal?: AbortSignal) =>
  ask<HoverAnswer | null>("hover", { source, ...at }, signal);

export const formatSource = (source: string, signal?: AbortSignal) => ask<{ source: string }>("format", { source }, signal);

export type ChangeSeverity = "breaking" | "risky" | "safe";

export interface VersionChange {
  code: string;
  severity: ChangeSeverity;
  title: string;
  message: string;
  advice: string;
}

/** What the second text means for callers and running executions of the first. Texts that cannot be compiled are refused. */
export const compareSources = (before: string, after: string, signal?: AbortSignal) =>
  ask<{ changes: VersionChange[] }>("diff", { before, after }, signal);
