import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { workflowQuery } from "../../api/queries";
import type { Execution, TaskExecution } from "../../api/types";
import { overlayOf } from "../../canvas/overlay";
import { LazyCanvas } from "../../canvas/lazy_canvas";
import type { Liveness } from "../../live/use_live_execution";
import { qualifiedName } from "../../lib/qualified_name";
import { useWide } from "../../lib/use_media";
import { t } from "../../messages";
import { Split } from "../../ui/split";
import { Segmented } from "../../ui/segmented";
import { SkeletonBlock } from "../../ui/skeleton";
import { failureOf } from "../../timeline/rows";
import { Timeline } from "../../timeline/timeline";
import { DetailPanel } from "./detail_panel";
import { ExecutionHeader } from "./execution_header";
import { Journal } from "./journal";
import { NotRun } from "./not_run";
import { Notices } from "./notices";

type View = "graph" | "timeline" | "journal" | "details";

export function ExecutionView({ execution, liveness }: { execution: Execution; liveness: Liveness }) {
  const wide = useWide();
  const { task, select, selectRef, ref } = useSelection(execution);
  const [lower, setLower] = useState<View>("timeline");
  const [narrow, setNarrow] = useState<View>(execution.status === "faulted" ? "details" : "timeline");
  const open = useCallback(
    (one: TaskExecution) => {
      select(one);
      setNarrow("details");
    },
    [select],
  );

  const graph = <Graph execution={execution} selected={ref} onSelect={selectRef} />;
  const timeline = <Timeline execution={execution} selected={task?.id ?? null} onSelect={select} onOpen={open} />;
  const journal = <Journal execution={execution} />;
  const whole = () => selectRef(null);
  const detail =
    task === null && ref !== null ? (
      <NotRun name={ref.split("/").at(-1) ?? ref} ended={execution.finished_at !== null} onWhole={whole} />
    ) : (
      <DetailPanel
        key={task?.id ?? "execution"}
        execution={execution}
        task={task}
        siblings={siblingsOf(execution, task)}
        onSelect={select}
        onWhole={whole}
      />
    );
  const tab = (value: View) => ({ value, label: t.execution.views[value] });
  return (
    <>
      <ExecutionHeader execution={execution} liveness={liveness} />
      <Notices execution={execution} onShow={open} />
      {wide ? (
        <div className="flex min-h-0 flex-1 border-t">
          <Split
            id="execution"
            label={t.execution.resizeDetails}
            direction="row"
            initial={66}
            first={
              <Split
                id="execution-graph"
                label={t.execution.resizeTimeline}
                direction="column"
                initial={56}
                first={graph}
                second={
                  <>
                    <div className="shrink-0 border-b px-4 py-1.5 md:px-6">
                      <Segmented label={t.execution.view} value={lower} onChange={setLower} options={[tab("timeline"), tab("journal")]} />
                    </div>
                    {lower === "journal" ? journal : timeline}
                  </>
                }
              />
            }
            second={detail}
          />
        </div>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col border-t">
          <div className="shrink-0 overflow-x-auto border-b px-4 py-2">
            <Segmented
              label={t.execution.view}
              value={narrow}
              onChange={setNarrow}
              options={[tab("timeline"), tab("graph"), tab("details"), tab("journal")]}
            />
          </div>
          {{ timeline, graph, journal, details: detail }[narrow]}
        </div>
      )}
    </>
  );
}

function siblingsOf(execution: Execution, task: TaskExecution | null): TaskExecution[] {
  return task === null ? [] : execution.tasks.filter((one) => one.ref === task.ref);
}

/** What is looked at. Until somebody chooses, a failed run shows its failure. */
function useSelection(execution: Execution) {
  const [chosen, setChosen] = useState<{ ref: string | null; id: number | null } | null>(null);
  const failure = useMemo(() => (execution.status === "faulted" ? failureOf(execution.tasks) : null), [execution.status, execution.tasks]);
  // A task chosen in the graph before it ran shows itself as soon as it does.
  const isChosen = (one: TaskExecution) => (chosen?.id === null ? one.ref === chosen.ref : one.id === chosen?.id);
  const task = chosen === null ? failure : (execution.tasks.findLast(isChosen) ?? null);
  const select = useCallback((one: TaskExecution) => setChosen({ ref: one.ref, id: one.id }), []);
  const tasks = execution.tasks;
  const selectRef = useCallback(
    (ref: string | null) => {
      const runs = tasks.filter((one) => one.ref === ref);
      const run = runs.find((one) => one.status === "faulted") ?? runs.at(-1);
      setChosen({ ref, id: run?.id ?? null });
    },
    [tasks],
  );
  return { task, select, selectRef, ref: chosen === null ? (failure?.ref ?? null) : chosen.ref };
}

interface GraphProps {
  execution: Execution;
  selected: string | null;
  onSelect: (ref: string | null) => void;
}

function Graph({ execution, selected, onSelect }: GraphProps) {
  const workflow = useQuery({ ...workflowQuery(qualifiedName(execution), execution.version), staleTime: Infinity });
  const overlay = useMemo(() => overlayOf(execution.tasks, execution.tasks_total), [execution.tasks, execution.tasks_total]);
  if (workflow.data === undefined) {
    return workflow.isError ? <p className="p-6 text-sm text-dim">{t.execution.noGraph}</p> : <SkeletonBlock label={t.canvas.loading} />;
  }
  return (
    <LazyCanvas
      outline={workflow.data.outline}
      selected={selected}
      onSelect={onSelect}
      overlay={overlay}
      ended={execution.status === "completed"}
    />
  );
}
