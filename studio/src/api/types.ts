import type { WaitsFor } from "./flow";

/** The shapes of the REST contract, as the server sends them. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const PHASES = [
  "pending",
  "running",
  "waiting",
  "suspended",
  "cancelled",
  "faulted",
  "completed",
] as const;
export type Phase = (typeof PHASES)[number];

/** What a run can be: a phase once it has begun; before that it waits in the queue, or another run stands for it. */
export type RunStatus = Phase | "queued" | "absorbed";

export type Severity = "error" | "warning" | "hint";

export interface Diagnostic {
  code: string;
  severity: Severity;
  message: string;
  hint?: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  pointer?: string;
}

export type TaskKind = "set" | "do" | "switch" | "for" | "fork" | "try" | "raise" | "wait" | "call" | "emit" | "listen" | "run";

export interface OutlineTask {
  ref: string;
  name: string;
  kind: TaskKind;
  detail: string;
  icon?: string;
  line: number;
  column: number;
  if?: string;
  then?: string;
  children?: OutlineTask[];
  branches?: OutlineTask[];
  compete?: boolean;
  cases?: { name: string; when: string | null; then: string }[];
  catch?: OutlineTask[];
  retry?: { limit: number | null };
  /** A saga holds its steps; what undoes a step is its `catch`. */
  role?: "saga" | "step";
}

export interface Outline {
  tasks: OutlineTask[];
}

export interface WorkflowSummary {
  name: string;
  namespace: string;
  /** That the rest is about: the current one, unless another was asked for. */
  version: string;
  /** That new executions get. */
  current_version: string;
  latest_version: string;
  canary: Canary | null;
  title: string | null;
  summary: string | null;
  tags: Record<string, string>;
  versions: number;
  created_at: string;
  updated_at: string;
  executions: { total: number; active: number; faulted: number };
  last_execution: { id: string; status: RunStatus; created_at: string } | null;
  /** How many start it. */
  webhooks: number;
}

export interface Workflow extends WorkflowSummary {
  source: string;
  format: "yaml" | "json";
  outline: Outline;
  diagnostics: Diagnostic[];
  sample_input: Json;
}

/** When a canary is stopped without anybody asking. */
export interface AbortWhen {
  failure_ratio: number;
  runs: number;
}

/** A version that a share of new executions get instead of the current one. */
export interface Canary {
  version: string;
  percent: number;
  since: string;
  abort_when: AbortWhen | null;
}

export interface VersionItem {
  version: string;
  created_at: string;
  latest: boolean;
  current: boolean;
  canary_percent: number | null;
}

export interface CheckResult {
  valid: boolean;
  diagnostics: Diagnostic[];
  outline: Outline | null;
  document: { namespace: string; name: string; version: string; title?: string | null } | null;
}

export interface WorkflowError {
  type: string;
  title?: string | null;
  status?: number | null;
  detail?: string | null;
  instance?: string | null;
}

export interface ExecutionSummary {
  id: string;
  workflow: string;
  namespace: string;
  version: string;
  status: RunStatus;
  trigger: string;
  /** The execution that runs this one as a task of its own. */
  parent: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  error: WorkflowError | null;
  /** It cleans up after a cancel, until then at the latest. */
  cancelling?: { reason: string | null; until: string } | null;
  /** The pause of its account, its workflow or its key that holds it, also before anything has happened to it since. */
  held_by?: { workflow: string | null; expression: string | null; key: string | null; reason: string; since: string; by: string } | null;
  /** Nothing new begins. `task` and `error`: the engine paused it, because that task cannot begin. */
  paused?: { since: string; by: string; reason: string | null; hold?: object; task?: string; error?: WorkflowError } | null;
}

export interface WaitingFor {
  task_id?: number;
  ref: string;
  name: string;
  reason: string;
  since: string;
  until: string | null;
  detail?: string | null;
}

export interface TaskExecution {
  id: number;
  parent: number | null;
  ref: string;
  name: string;
  kind: string;
  status: Phase | "skipped";
  iteration: number | null;
  attempts: number;
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  input?: Json;
  /** What it was given, where its `input.from` makes another input of it. */
  raw_input?: Json;
  output?: Json;
  error?: WorkflowError | null;
  /** Some of its values are too large to be shown. */
  values_omitted?: boolean;
  /** What is particular to this run of the task: the case taken, the request sent, the error caught. */
  detail?: Json;
  /** The execution that this task runs. */
  child?: string;
  /** Kept by the fold only: the round a running loop is in. */
  loop_index?: number;
}

export interface Execution extends ExecutionSummary {
  /** The moves to other versions, the last one last. */
  migrations?: { time: string; from: string; to: string; reason?: string | null }[];
  /** It goes on from a point of that execution. */
  forked_from?: { execution: string; task: string; task_id: number; edited: boolean; at: string; by: string; reason?: string | null } | null;
  input: Json;
  output: Json;
  waiting_for: WaitingFor[];
  tasks: TaskExecution[];
  tasks_total: number;
  /** How many are in its journal; null when it is too large to be read whole. */
  events?: number | null;
  /** Of runs that rules of flow concern, until they begin. */
  priority?: number;
  keys?: Record<string, string>;
  waits_for?: WaitsFor | null;
  cancel_reason?: string | null;
  /** The run that stands for this one. */
  became?: string | null;
}

export interface JournalEvent {
  seq: number;
  time: string;
  type: string;
  ref?: string;
  name?: string;
  task_id?: number;
  parent_id?: number | null;
  [field: string]: unknown;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Connector {
  name: string;
  version: string | number;
  title: string;
  description: string;
  icon?: string;
  /** JSON Schema of a call's arguments. */
  input_schema?: Json;
}

export interface SystemInfo {
  version: string;
  started_at: string;
  uptime_s: number;
  roles: string[];
}
