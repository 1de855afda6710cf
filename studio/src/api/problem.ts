import type { Diagnostic } from "./types";

export interface Obstacle {
  /** Its pointer in the version that runs; null for the execution as a whole. */
  task: string | null;
  why: string;
  advice: string;
}

/** What the server said went wrong (RFC 9457), or what we know when it could not say anything. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly requestId: string | undefined;
  readonly diagnostics: Diagnostic[];
  readonly suggestedVersion: string | undefined;
  /** What keeps a running execution from moving to another version. */
  readonly obstacles: Obstacle[];
  /** What is wrong with single fields of what was sent. */
  readonly errors: { pointer: string; detail: string }[];

  constructor(status: number, body: Record<string, unknown>, requestId?: string | null) {
    const text = (key: string) => (typeof body[key] === "string" ? body[key] : undefined);
    super(text("detail") ?? text("title") ?? `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = text("code") ?? (status === 0 ? "unreachable" : "unknown");
    this.title = text("title") ?? this.message;
    this.detail = text("detail") ?? "";
    this.hint = text("hint");
    this.requestId = text("request_id") ?? requestId ?? undefined;
    this.diagnostics = Array.isArray(body.diagnostics) ? (body.diagnostics as Diagnostic[]) : [];
    this.suggestedVersion = text("suggested_version");
    this.errors = Array.isArray(body.errors) ? (body.errors as { pointer: string; detail: string }[]) : [];
    this.obstacles = Array.isArray(body.obstacles) ? (body.obstacles as Obstacle[]) : [];
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, { title: error instanceof Error ? error.message : String(error) });
}
