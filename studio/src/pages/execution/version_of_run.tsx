import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { workflowQuery } from "../../api/queries";
import type { Execution } from "../../api/types";
import { qualifiedName } from "../../lib/qualified_name";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { hasEnded } from "../../live/fold";
import { CompareDialog } from "../compare/compare_dialog";
import { MoveRun } from "./move_run";

/** The version that ran; where new runs get another one, the way to what has changed since. */
export function VersionOfRun({ execution }: { execution: Execution }) {
  const name = qualifiedName(execution);
  const { data: ran } = useQuery({ ...workflowQuery(name, execution.version), staleTime: Infinity });
  const { data: current } = useQuery(workflowQuery(name));
  const [open, setOpen] = useState(false);
  if (ran === undefined || current === undefined || current.version === execution.version) return <Badge mono>{execution.version}</Badge>;
  return (
    <>
      <button
        type="button"
        title={t.compare.withCurrent}
        onClick={() => setOpen(true)}
        className="inline-flex h-6 items-center gap-1.5 rounded-sm border border-line-strong bg-surface px-1.5 text-xs hover:border-line-hover hover:text-ink"
      >
        <span className="tabular font-mono text-[11px]">{execution.version}</span>
        <GitCompareArrows size={12} className="text-dim" />
        {t.compare.newer(current.version)}
      </button>
      {open ? (
        <CompareDialog before={{ label: ran.version, source: ran.source }} after={{ label: current.version, source: current.source }} onClose={() => setOpen(false)}>
          {hasEnded(execution.status) ? null : <MoveRun execution={execution} version={current.version} onMoved={() => setOpen(false)} />}
        </CompareDialog>
      ) : null}
    </>
  );
}
