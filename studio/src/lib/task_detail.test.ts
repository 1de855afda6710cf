import { expect, it } from "vitest";
import type { Json, TaskExecution } from "../api/types";
import { taskDetail } from "./task_detail";

const task = (detail?: Json) => ({ ref: "/do/0/a", detail }) as TaskExecution;

it.each([
  [undefined, "/do/0/a"],
  ["GET http://x", "GET http://x"],
  [{ case: "large" }, "large"],
  [{ request: { method: "get", endpoint: "http://x" } }, "GET http://x"],
  [{ request: { prompt: "hi" } }, "/do/0/a"],
  [{ caught: { status: 503 } }, "/do/0/a"],
] as [Json | undefined, string][])("says of %j: %s", (detail, line) => {
  expect(taskDetail(task(detail))).toBe(line);
});
