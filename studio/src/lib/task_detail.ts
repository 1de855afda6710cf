import type { Json, TaskExecution } from "../api/types";

/** One line on this run of a task: what it sent or chose, else where it stands in the document. */
export function taskDetail(task: TaskExecution): string {
  const { detail } = task;
  if (typeof detail === "string") return detail;
  if (detail === null || detail === undefined || typeof detail !== "object" || Array.isArray(detail)) return task.ref;
  if (typeof detail.case === "string") return detail.case;
  return requestLine(detail.request) ?? task.ref;
}

function requestLine(request: Json | undefined): string | null {
  if (request === null || typeof request !== "object" || Array.isArray(request)) return null;
  const target = request.endpoint ?? request.url ?? request.uri ?? request.model;
  if (typeof target !== "string") return null;
  return typeof request.method === "string" ? `${request.method.toUpperCase()} ${target}` : target;
}
