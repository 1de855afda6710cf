import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Json, TaskExecution } from "../../api/types";
import { t } from "../../messages";
import { JsonTree } from "../../ui/json_tree";
import { StatusLabel } from "../../ui/status_pill";
import { Duration, RunningDuration } from "../../ui/time_text";
import { sameJson, type Pair } from "./align";

export const PAIR_COLUMNS = "grid grid-cols-2 items-center gap-x-4 gap-y-1 md:grid-cols-[minmax(140px,1fr)_1fr_1fr_160px]";

/** One task in both runs; open, what it got and gave in each. */
export function PairRow({ pair, isParting }: { pair: Pair; isParting: boolean }) {
  const [open, setOpen] = useState(isParting);
  const { a, b, differs } = pair;
  return (
    <li data-pair={pair.name} data-differs={differs.join(" ")} className={`border-b last:border-b-0 ${isParting ? "bg-waiting-soft" : ""}`}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className={`w-full px-3 py-2 text-left text-sm -outline-offset-2 hover:bg-hover ${PAIR_COLUMNS}`}>
        <span className="flex min-w-0 items-center gap-1.5 font-medium max-md:col-span-2">
          <ChevronRight size={14} className={`shrink-0 text-dim transition-transform duration-120 ${open ? "rotate-90" : ""}`} />
          <span className="truncate">{pair.name}</span>
          {(a ?? b)?.iteration == null ? null : <span className="tabular text-xs text-dim">{Number((a ?? b)?.iteration) + 1}</span>}
        </span>
        <Side task={a} />
        <Side task={b} />
        <span className="truncate text-xs text-waiting max-md:col-span-2">{differs.map((what) => t.compareRuns.differs[what]).join(", ")}</span>
      </button>
      {open ? (
        <div className="px-3 pb-3">
          <Values label={t.compareRuns.input} a={a?.input} b={b?.input} />
          <Values label={t.compareRuns.output} a={a?.output} b={b?.output} />
          {a?.error == null && b?.error == null ? null : <Values label={t.compareRuns.error} a={errorOf(a)} b={errorOf(b)} missing={t.compareRuns.nothing} />}
        </div>
      ) : null}
    </li>
  );
}

function Side({ task }: { task: TaskExecution | null }) {
  if (task === null) return <span className="text-dim">{t.compareRuns.missing}</span>;
  return (
    <span className="flex min-w-0 items-center gap-2">
      <StatusLabel status={task.status} />
      <span className="tabular text-xs text-soft">{task.finished_at === null ? <RunningDuration since={task.started_at} /> : <Duration ms={task.duration_ms} />}</span>
    </span>
  );
}

export const errorOf = (one: { error?: TaskExecution["error"] } | null): Json | undefined => (one?.error == null ? undefined : { ...one.error });

interface ValuesProps {
  label: string;
  /** `undefined`: there is none. */
  a: Json | undefined;
  b: Json | undefined;
  missing?: string;
}

export function Values({ label, a, b, missing = t.compareRuns.missing }: ValuesProps) {
  if (a === undefined && b === undefined) return null;
  const same = a !== undefined && b !== undefined && sameJson(a, b);
  return (
    <div className="mt-2">
      <h3 className="mb-1 text-xs text-dim">
        {label}
        {same ? ` · ${t.compareRuns.same}` : null}
      </h3>
      {same ? (
        <JsonTree value={a} label={label} />
      ) : (
        <div className="grid gap-2 md:grid-cols-2">
          {([a, b] as const).map((value, index) =>
            value === undefined ? (
              <p key={index} className="rounded-md border border-dashed px-3 py-2 text-xs text-dim">
                {missing}
              </p>
            ) : (
              <JsonTree key={index} value={value} label={`${label}: ${index === 0 ? t.compareRuns.first : t.compareRuns.second}`} />
            ),
          )}
        </div>
      )}
    </div>
  );
}
