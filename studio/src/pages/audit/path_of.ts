import type { AuditEntry } from "../../api/audit";
import { workflowPath } from "../../lib/qualified_name";

const PAGES: Record<string, string> = {
  execution: "/executions/",
  operation: "/operations/",
  schedule: "/schedules/",
  webhook: "/webhooks/",
  task: "/inbox/",
};

/** The page of what was acted on; null when there is none, or it was deleted by this very act. */
export function pathOf(entry: Pick<AuditEntry, "act" | "object_kind" | "object_id">): string | null {
  if (entry.act.endsWith(".delete")) return null;
  if (entry.object_kind === "workflow") return workflowPath(entry.object_id.split(" ")[0] ?? "");
  if (entry.object_kind === "flow") return entry.object_id === "account" ? "/queue" : workflowPath(entry.object_id, "limits");
  const page = PAGES[entry.object_kind];
  return page === undefined ? null : page + encodeURIComponent(entry.object_id);
}
