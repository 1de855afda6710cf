import { humanDuration } from "../lib/time";
import { t } from "../messages";
import { StatusIcon } from "../ui/status_icon";
import type { NodeRun } from "./overlay";

/** Status, and one number: how far a repeated task has come, or how long a single one took. */
export function RunBadge({ run }: { run: NodeRun }) {
  const text = numberOf(run);
  return (
    <span className="flex shrink-0 flex-col items-end gap-0.5" title={t.canvas.runTitle(run.runs, run.done, run.faulted, run.attempts)}>
      <StatusIcon status={run.status} size={15} />
      <span className="sr-only">{t.status[run.status]}</span>
      {text === null ? null : <span className="tabular text-[11px] leading-3.5 text-dim">{text}</span>}
    </span>
  );
}

function numberOf(run: NodeRun): string | null {
  if (run.rounds !== null) return run.more ? t.canvas.roundsOrMore(run.rounds) : t.canvas.rounds(run.rounds);
  if (run.runs > 1) return run.more ? `${run.done.toLocaleString("en")}+` : `${run.done}/${run.runs}`;
  if (run.attempts > 1) return t.canvas.attempts(run.attempts);
  return run.duration_ms === null ? null : humanDuration(run.duration_ms);
}
