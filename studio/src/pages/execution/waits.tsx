import { useQuery } from "@tanstack/react-query";
import { Hourglass, Radio } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { workflowQuery } from "../../api/queries";
import type { Execution, WaitingFor, Workflow } from "../../api/types";
import { indexOf } from "../../document/outline_index";
import { qualifiedName } from "../../lib/qualified_name";
import { useNow } from "../../lib/use_now";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { RepairButton } from "./repair_button";
import { AnswerLink, useHumanTask, whomItWaitsFor } from "./human_wait";

const SHOWN_MAX = 3;
const ANSWER_EXPECTED_MS = 2000;

/** What a run waits for, since when, and what one can do about it. */
export function Waits({ execution }: { execution: Execution }) {
  const waiting = execution.waiting_for;
  const now = useNow(1000, waiting.length > 0);
  // A call that is answered in a moment is not something one waits for.
  const long = waiting.filter((one) => one.reason !== "activity" || now - Date.parse(one.since) > ANSWER_EXPECTED_MS);
  if (long.length === 0) return null;
  const shown = long.slice(0, SHOWN_MAX);
  const rest = long.length - shown.length;
  return (
    <div role="status" className="mx-4 mb-3 flex flex-col gap-1 rounded-md border border-waiting-line bg-waiting-soft px-3 py-2 text-sm md:mx-6">
      {shown.map((one, index) => (
        <Waiting key={`${one.ref}-${index}`} execution={execution} waiting={one} />
      ))}
      {rest > 0 ? <p className="pl-6 text-xs text-soft">{t.execution.waitingMore(rest)}</p> : null}
    </div>
  );
}

function Waiting({ execution, waiting }: { execution: Execution; waiting: WaitingFor }) {
  const child = execution.tasks.findLast((task) => task.ref === waiting.ref && task.finished_at === null)?.child;
  const asked = useHumanTask(execution, waiting.ref, waiting.reason === "activity" && child === undefined);
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Hourglass size={15} className="shrink-0 text-waiting" />
      <span>
        <span className="font-medium">{waiting.name}</span>{" "}
        {asked !== undefined ? (
          whomItWaitsFor(asked)
        ) : child === undefined ? (
          t.execution.waits(waiting.reason)
        ) : (
          <>
            {t.execution.waitsFor}{" "}
            <Link to={`/executions/${child}`} className="rounded-sm text-accent-ink hover:underline">
              {t.execution.itsRun}
            </Link>
          </>
        )}
        {waiting.reason === "event" ? <Awaited execution={execution} waiting={waiting} /> : null}
      </span>
      <span className="text-soft">
        {t.execution.since} <RelativeTime iso={waiting.since} />
        {waiting.until === null ? null : (
          <>
            , {waiting.reason === "event" ? t.execution.gives : t.execution.goesOn} <RelativeTime iso={waiting.until} />
          </>
        )}
      </span>
      {waiting.reason === "operator" ? <Parked execution={execution} waiting={waiting} /> : null}
      {asked === undefined ? null : <AnswerLink task={asked} />}
      {waiting.reason === "event" ? <Help execution={execution} waiting={waiting} /> : null}
    </div>
  );
}

/** What it failed with, and what one can do about it. */
function Parked({ execution, waiting }: { execution: Execution; waiting: WaitingFor }) {
  const id = waiting.task_id;
  const task = execution.tasks.find((one) => one.id === id);
  const error = task?.error ?? null;
  return (
    <>
      {id === undefined ? null : <RepairButton execution={execution} task={{ id, name: waiting.name }} className="ml-auto" />}
      {error === null ? null : <span className="basis-full pl-6 break-words text-soft">{[error.title, error.detail].filter(Boolean).join(": ")}</span>}
    </>
  );
}

const useWorkflow = (execution: Execution): Workflow | undefined =>
  useQuery({ ...workflowQuery(qualifiedName(execution), execution.version), staleTime: Infinity }).data;

/** The types of the events, in the words of the outline. */
function Awaited({ execution, waiting }: { execution: Execution; waiting: WaitingFor }) {
  const workflow = useWorkflow(execution);
  const task = workflow === undefined ? undefined : indexOf(workflow.outline).byRef.get(waiting.ref)?.task;
  return task === undefined || task.detail === "" ? null : <span className="font-mono text-xs"> {task.detail}</span>;
}

const SendAwaited = lazy(() => import("../events/send_awaited"));

function Help({ execution, waiting }: { execution: Execution; waiting: WaitingFor }) {
  const workflow = useWorkflow(execution);
  const [open, setOpen] = useState(false);
  if (workflow === undefined) return null;
  return (
    <>
      <Button size="sm" icon={<Radio size={13} />} className="ml-auto" onClick={() => setOpen(true)}>
        {t.events.send}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <SendAwaited source={workflow.source} task={waiting.ref} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
