import { Ban, Columns2, FlaskConical, Play, Radio, RefreshCw } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Execution } from "../../api/types";
import { exactTime } from "../../lib/time";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { hasEnded, neverBegan } from "../../live/fold";
import type { Liveness } from "../../live/use_live_execution";
import { t } from "../../messages";
import { useCommands, type Command } from "../../shell/commands";
import { Button } from "../../ui/button";
import { CopyableId } from "../../ui/copy_button";
import { PageHeader } from "../../ui/page_header";
import { StatusPill } from "../../ui/status_pill";
import { Duration, RelativeTime, RunningDuration } from "../../ui/time_text";
import { PickDialog } from "../compare_runs/pick_dialog";
import { LeaveDialog } from "../queue/leave_dialog";
import { RunDialog } from "../workflow/run_dialog";
import { PauseButton } from "./pause";
import { CancelDialog } from "./cancel_dialog";
import { TestDialog } from "./test_dialog";
import { VersionOfRun } from "./version_of_run";

export function ExecutionHeader({ execution, liveness }: { execution: Execution; liveness: Liveness }) {
  const [dialog, setDialog] = useState<"again" | "cancel" | "compare" | "test" | null>(null);
  const ended = hasEnded(execution.status);
  const begun = !neverBegan(execution);
  const again: Command = { id: "again", label: t.run.againShort, group: t.palette.groups.here, icon: <Play size={15} />, run: () => setDialog("again") };
  const test: Command = { id: "test", label: t.test.button, group: t.palette.groups.here, icon: <FlaskConical size={15} />, run: () => setDialog("test") };
  const cancel: Command = { id: "cancel", label: t.cancel.button, group: t.palette.groups.here, icon: <Ban size={15} />, run: () => setDialog("cancel") };
  const compare: Command = { id: "compare", label: t.compareRuns.pick, group: t.palette.groups.here, icon: <Columns2 size={15} />, run: () => setDialog("compare") };
  const commands = [again, ...(ended ? (begun ? [test] : []) : [cancel]), ...(begun ? [compare] : [])];
  useCommands(commands, `${execution.id} ${ended} ${begun}`);
  return (
    <>
      <PageHeader
        crumbs={[{ label: t.nav.executions, to: "/executions" }]}
        title={
          <Link to={workflowPath(qualifiedName(execution))} className="rounded-sm hover:underline">
            {execution.workflow}
          </Link>
        }
        aside={
          <>
            <StatusPill status={execution.status} />
            <LiveMark liveness={liveness} />
          </>
        }
        note={<Facts execution={execution} />}
        actions={
          <>
            {ended && !begun ? null : ended ? (
              <Button icon={<FlaskConical size={14} />} onClick={() => setDialog("test")}>
                {t.test.button}
              </Button>
            ) : (
              <>
                {begun ? <PauseButton execution={execution} /> : null}
                <Button icon={<Ban size={14} />} onClick={() => setDialog("cancel")}>
                  {t.cancel.button}
                </Button>
              </>
            )}
            <Button icon={<Columns2 size={14} />} onClick={() => setDialog("compare")}>
              {t.compareRuns.button}
            </Button>
            <Button tone="primary" icon={<Play size={14} />} onClick={() => setDialog("again")}>
              {t.run.againShort}
            </Button>
          </>
        }
      />
      {dialog === "again" ? (
        <RunDialog again title={execution.workflow} workflow={qualifiedName(execution)} version={execution.version} input={execution.input} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === "cancel" && begun ? <CancelDialog execution={execution} onClose={() => setDialog(null)} /> : null}
      {dialog === "cancel" && !begun ? <LeaveDialog run={execution} onClose={() => setDialog(null)} /> : null}
      {dialog === "compare" ? <PickDialog execution={execution} onClose={() => setDialog(null)} /> : null}
      {dialog === "test" ? <TestDialog execution={execution} onClose={() => setDialog(null)} /> : null}
    </>
  );
}

function LiveMark({ liveness }: { liveness: Liveness }) {
  if (liveness === "live") {
    return (
      <span className="inline-flex items-center gap-1 text-xs text-dim" title={t.execution.liveTitle}>
        <Radio size={13} className="text-completed" /> {t.execution.live}
      </span>
    );
  }
  if (liveness === "polling") {
    return (
      <span className="inline-flex items-center gap-1 text-xs text-dim" title={t.execution.pollingTitle}>
        <RefreshCw size={12} /> {t.execution.polling}
      </span>
    );
  }
  return null;
}

function Moved({ migrations }: { migrations: NonNullable<Execution["migrations"]> }) {
  const last = migrations.at(-1);
  if (last === undefined) return null;
  return <span title={[exactTime(last.time), last.reason].filter(Boolean).join(" · ")}>{t.move.from(last.from)}</span>;
}

function ForkedFrom({ from }: { from: NonNullable<Execution["forked_from"]> }) {
  const name = from.task.split("/").at(-1) ?? from.task;
  return (
    <Link
      to={`/executions/${from.execution}`}
      className="rounded-sm text-accent-ink hover:underline"
      title={[exactTime(from.at), t.execution.by(t.trigger(from.by)), from.reason].filter(Boolean).join(" · ")}
    >
      {from.edited ? t.fork.fromEdited(name) : t.fork.from(name)}
    </Link>
  );
}

function Facts({ execution }: { execution: Execution }) {
  const running = execution.finished_at === null;
  return (
    <span className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs">
      <CopyableId id={execution.id} />
      <VersionOfRun execution={execution} />
      <Moved migrations={execution.migrations ?? []} />
      {execution.forked_from ? (
        <ForkedFrom from={execution.forked_from} />
      ) : execution.parent === null ? (
        <span>{t.execution.by(t.trigger(execution.trigger))}</span>
      ) : (
        <Link to={`/executions/${execution.parent}`} className="rounded-sm text-accent-ink hover:underline">
          {t.execution.partOf}
        </Link>
      )}
      <RelativeTime iso={execution.created_at} />
      <span className="text-ink">
        {neverBegan(execution) ? null : running ? <RunningDuration since={execution.started_at ?? execution.created_at} /> : <Duration ms={execution.duration_ms} />}
      </span>
      {neverBegan(execution) ? null : <span className="tabular">{t.execution.tasks(execution.tasks_total)}</span>}
    </span>
  );
}
