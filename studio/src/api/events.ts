import { jsonBody, request } from "./client";
import type { Json } from "./types";

export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  data: Json;
}

/** The answer comes when the event is on disk. A second one of the same source and id, within a day, is a duplicate. */
export function sendEvent(event: CloudEvent) {
  const { body } = jsonBody({ specversion: "1.0", ...event });
  return request<{ accepted: number; duplicates: number }>("/v1/events", {
    method: "POST",
    body,
    headers: { "content-type": "application/cloudevents+json" },
  });
}
