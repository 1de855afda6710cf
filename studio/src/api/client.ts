import { reportReachable, reportUnreachable } from "./reachable";
import { Problem } from "./problem";

interface RequestOptions {
  method?: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  onResponse?: (response: Response) => void;
}

/** What stands at a path, when it differs from what has this `etag`; null: it is as it was. */
export async function requestChanged<T>(path: string, etag: string | null, signal?: AbortSignal): Promise<{ etag: string | null; body: T } | null> {
  let tag: string | null = null;
  const body = await request<T | null>(path, {
    signal,
    headers: etag === null ? {} : { "if-none-match": etag },
    onResponse: (response) => (tag = response.headers.get("etag")),
  });
  return body === null ? null : { etag: tag, body };
}

/** One request to the server. Every failure is a Problem; an unreachable server also raises the banner. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? "GET",
      body: options.body,
      signal: options.signal,
      // Whoever sends a tag asks the server, not the browser's cache.
      cache: options.onResponse === undefined ? "default" : "no-store",
      headers: { accept: "application/json", ...options.headers },
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    reportUnreachable();
    throw new Problem(0, { code: "unreachable", title: "The server does not answer" });
  }
  reportReachable();
  const text = await response.text();
  const body = parse(text);
  options.onResponse?.(response);
  if (response.ok || response.status === 304) return body as T;
  const fields = body !== null && typeof body === "object" ? (body as Record<string, unknown>) : { title: response.statusText };
  throw new Problem(response.status, fields, response.headers.get("x-request-id"));
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function jsonBody(value: unknown): Pick<RequestOptions, "body" | "headers"> {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

/** `?a=1&b=2` without the empty ones. */
export function query(params: Record<string, string | number | string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value) search.append(key, one);
    else if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
