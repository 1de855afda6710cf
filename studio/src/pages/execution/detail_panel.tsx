import { useState } from "react";
import type { Execution, Json, TaskExecution } from "../../api/types";
import { t } from "../../messages";
import { JsonTree } from "../../ui/json_tree";
import { Tabs, type TabItem } from "../../ui/tabs";
import { Attempts } from "./attempts";
import { ChildRun } from "./child_run";
import { DetailHead } from "./detail_head";
import { ErrorView } from "./error_view";
import { PeopleTab, useAsked } from "./people_tab";

interface Props {
  execution: Execution;
  /** Null shows the execution as a whole. */
  task: TaskExecution | null;
  /** All runs of the same task, for stepping through the rounds of a loop. */
  siblings: TaskExecution[];
  onSelect: (task: TaskExecution) => void;
  onWhole: () => void;
}

export function DetailPanel({ execution, task, siblings, onSelect, onWhole }: Props) {
  const subject = task ?? execution;
  const error = subject.error ?? null;
  const [tab, setTab] = useState<string | null>(null);
  const ended = subject.finished_at !== null;
  const asked = useAsked(execution, task);
  const items: TabItem[] = [
    { value: "input", label: t.detail.input, content: <Value value={subject.input} label={t.detail.input} empty={t.detail.noInput} /> },
    {
      value: "output",
      label: t.detail.output,
      content: <Value value={ended ? subject.output : undefined} label={t.detail.output} empty={ended ? t.detail.noOutput : t.detail.notYet} />,
    },
  ];
  if (error !== null) items.push({ value: "error", label: t.detail.error, content: <ErrorView error={error} task={task} /> });
  if (task !== null && (task.attempts > 1 || task.kind === "call" || task.kind === "try")) {
    items.push({
      value: "attempts",
      label: t.detail.attempts,
      count: task.attempts,
      content: <Attempts execution={execution} task={task} />,
    });
  }
  if (asked !== undefined) items.push({ value: "people", label: t.inbox.onRun.tab, content: <PeopleTab id={asked} /> });
  const natural = error !== null ? "error" : subject.status === "completed" ? "output" : "input";
  const current = items.some((item) => item.value === tab) ? (tab as string) : natural;
  return (
    <section aria-label={t.detail.label} className="flex min-h-0 flex-1 flex-col bg-surface">
      <DetailHead execution={execution} task={task} siblings={siblings} onSelect={onSelect} onWhole={onWhole} />
      {task?.child === undefined ? null : <ChildRun id={task.child} />}
      <Tabs label={t.detail.label} value={current} onChange={setTab} items={items} />
    </section>
  );
}

function Value({ value, label, empty }: { value: Json | undefined; label: string; empty: string }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 md:px-6">
      {value === undefined || value === null ? <p className="text-sm text-dim">{empty}</p> : <JsonTree value={value} label={label} />}
    </div>
  );
}
