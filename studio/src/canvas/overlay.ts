import type { TaskExecution } from "../api/types";
import type { AnyStatus } from "../ui/status_icon";
import type { GraphEdge } from "./graph";

/** What a node shows of a run: all executions of its task, summed up. */
export interface NodeRun {
  status: AnyStatus;
  /** How often the task has run, and how many of these are through. */
  runs: number;
  done: number;
  faulted: number;
  attempts: number;
  duration_ms: number | null;
  since: string;
  /** Rounds of a loop; null for anything else. */
  rounds: number | null;
  /** There are more than are known here. */
  more: boolean;
}

const LOUDEST_FIRST: AnyStatus[] = ["running", "waiting", "suspended", "pending", "faulted", "cancelled", "completed", "skipped"];
const ENDED = new Set<AnyStatus>(["completed", "faulted", "cancelled", "skipped"]);

/** `total`: how many tasks there are; of a long run only the first are known. */
export function overlayOf(tasks: TaskExecution[], total = tasks.length): Map<string, NodeRun> {
  const rounds = roundsByParent(tasks);
  const overlay = new Map<string, NodeRun>();
  for (const task of tasks) {
    const mine = task.kind === "for" ? (rounds.get(task.id)?.size ?? 0) : null;
    const run = overlay.get(task.ref);
    if (run === undefined) {
      overlay.set(task.ref, { ...first(task, mine), more: total > tasks.length });
    } else {
      add(run, task, mine);
    }
  }
  return overlay;
}

function first(task: TaskExecution, rounds: number | null): Omit<NodeRun, "more"> {
  return {
    status: task.status,
    runs: 1,
    done: ENDED.has(task.status) ? 1 : 0,
    faulted: task.status === "faulted" ? 1 : 0,
    attempts: task.attempts,
    duration_ms: task.duration_ms,
    since: task.started_at,
    rounds,
  };
}

function add(run: NodeRun, task: TaskExecution, rounds: number | null): void {
  run.runs += 1;
  run.done += ENDED.has(task.status) ? 1 : 0;
  run.faulted += task.status === "faulted" ? 1 : 0;
  run.attempts = Math.max(run.attempts, task.attempts);
  run.duration_ms = task.duration_ms === null ? run.duration_ms : (run.duration_ms ?? 0) + task.duration_ms;
  run.since = task.started_at;
  if (rounds !== null) run.rounds = (run.rounds ?? 0) + rounds;
  if (LOUDEST_FIRST.indexOf(task.status) < LOUDEST_FIRST.indexOf(run.status)) run.status = task.status;
}

function roundsByParent(tasks: TaskExecution[]): Map<number, Set<number>> {
  const rounds = new Map<number, Set<number>>();
  for (const task of tasks) {
    if (task.parent === null || task.iteration === null) continue;
    const seen = rounds.get(task.parent) ?? new Set();
    seen.add(task.iteration);
    rounds.set(task.parent, seen);
  }
  return rounds;
}

/** Whether the run has gone along this edge, as far as the tasks tell. */
export function taken(edge: Pick<GraphEdge, "source" | "target">, overlay: Map<string, NodeRun>, ended: boolean): boolean {
  const ran = (id: string) => {
    if (id === "start") return overlay.size > 0;
    if (id === "end") return ended;
    if (id.endsWith("#junction")) return overlay.has(id.slice(0, -"#junction".length));
    return overlay.has(id) && overlay.get(id)?.status !== "skipped";
  };
  const source = overlay.get(edge.source);
  return ran(edge.source) && ran(edge.target) && source?.status !== "faulted";
}
