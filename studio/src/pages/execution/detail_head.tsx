import { ChevronLeft, ChevronRight, X } from "lucide-react";
import type { Execution, TaskExecution } from "../../api/types";
import { exactTime, shortTime } from "../../lib/time";
import { hasEnded } from "../../live/fold";
import { taskDetail } from "../../lib/task_detail";
import { t } from "../../messages";
import { IconButton } from "../../ui/icon_button";
import { KindIcon } from "../../ui/kind_icon";
import { StatusPill } from "../../ui/status_pill";
import { Duration, RunningDuration } from "../../ui/time_text";
import { ForkButton } from "./fork_button";
import { RepairButton } from "./repair_button";

interface Props {
  execution: Execution;
  task: TaskExecution | null;
  siblings: TaskExecution[];
  onSelect: (task: TaskExecution) => void;
  onWhole: () => void;
}

export function DetailHead({ execution, task, siblings, onSelect, onWhole }: Props) {
  const subject = task ?? execution;
  return (
    <header className="shrink-0 px-4 pt-3.5 pb-1.5 md:px-6">
      <div className="flex min-w-0 items-center gap-2.5">
        {task === null ? null : (
          <span className="task-icon" data-kind={task.kind}>
            <KindIcon kind={task.kind} detail={taskDetail(task)} />
          </span>
        )}
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold">{task?.name ?? t.detail.whole}</h2>
          <p className="truncate font-mono text-xs text-dim" title={task === null ? undefined : taskDetail(task)}>
            {task === null ? execution.workflow : taskDetail(task)}
          </p>
        </div>
        {task !== null && task.finished_at === null && !hasEnded(execution.status) ? <RepairButton execution={execution} task={task} /> : null}
        {task !== null && task.ref !== "" ? <ForkButton execution={execution} task={task} /> : null}
        <StatusPill status={subject.status} size="sm" />
        {task === null ? null : <IconButton label={t.detail.showWhole} icon={<X size={14} />} onClick={onWhole} className="-mr-2" />}
      </div>
      <div className="mt-2 flex min-h-7 flex-wrap items-center gap-x-4 text-xs text-soft">
        {subject.started_at === null ? null : (
          <span title={exactTime(subject.started_at)} className="tabular">
            {t.detail.started(shortTime(subject.started_at))}
          </span>
        )}
        <span>
          {subject.finished_at === null && subject.started_at !== null ? (
            <RunningDuration since={subject.started_at} />
          ) : (
            <Duration ms={subject.duration_ms} />
          )}
        </span>
        {task !== null && siblings.length > 1 ? <Rounds task={task} siblings={siblings} onSelect={onSelect} /> : null}
      </div>
    </header>
  );
}

function Rounds({ task, siblings, onSelect }: { task: TaskExecution; siblings: TaskExecution[]; onSelect: (task: TaskExecution) => void }) {
  const at = siblings.findIndex((one) => one.id === task.id);
  const before = siblings[at - 1];
  const after = siblings[at + 1];
  return (
    <span className="ml-auto inline-flex items-center gap-0.5">
      <IconButton label={t.detail.previousRound} icon={<ChevronLeft size={14} />} disabled={before === undefined} onClick={() => before && onSelect(before)} />
      <span className="tabular">{t.detail.round(at + 1, siblings.length)}</span>
      <IconButton label={t.detail.nextRound} icon={<ChevronRight size={14} />} disabled={after === undefined} onClick={() => after && onSelect(after)} />
    </span>
  );
}
