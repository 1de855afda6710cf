import { clsx } from "clsx";
import { Pause } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import type { Gate, PauseTarget } from "../../api/flow";
import { shortName, workflowPath } from "../../lib/qualified_name";
import { humanDuration } from "../../lib/time";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { IconButton } from "../../ui/icon_button";
import { RunningDuration } from "../../ui/time_text";
import { PauseDialog } from "./pause_dialog";
import { useSteadyRows, type Row } from "./steady";
import { gateId, keyText, paceText, targetText } from "./wait_text";

/** The server tells of so many, those with the most runs waiting first. */
const GATES_MAX = 200;

interface Props {
  gates: Gate[];
  /** All are of one workflow, which need not be named. */
  ofWorkflow?: boolean;
}

/** The limits that runs pass now: how much of each is used, how many wait for it and for how long. Pauses are shown elsewhere. */
export function GateList({ gates, ofWorkflow = false }: Props) {
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<PauseTarget | null>(null);
  const limits = useMemo(() => gates.filter((gate) => gate.kind !== "pause"), [gates]);
  const { rows, area } = useSteadyRows(limits, gateId);
  if (rows.length === 0) return <p className="rounded-lg border bg-surface px-4 py-5 text-sm text-dim">{t.flow.gates.none}</p>;
  const holding = rows.filter((row) => row.item.waiting > 0);
  const idle = rows.length - holding.length;
  const shown = all || holding.length === 0 ? rows : holding;
  return (
    <>
      <div {...area} className="overflow-hidden rounded-lg border bg-surface">
        <ul aria-label={t.flow.gates.title} className="divide-y">
          {shown.map((row) => (
            <GateRow key={row.id} row={row} ofWorkflow={ofWorkflow} onPause={setAsked} />
          ))}
        </ul>
        {idle === 0 || holding.length === 0 ? null : (
          <div className="border-t px-2.5 py-1.5">
            <Button tone="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? t.flow.gates.less : t.flow.gates.more(idle)}
            </Button>
          </div>
        )}
        {gates.length < GATES_MAX ? null : <p className="border-t px-4 py-2 text-xs text-dim">{t.flow.gates.cut(GATES_MAX)}</p>}
      </div>
      {asked === null ? null : <PauseDialog target={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function GateRow({ row, ofWorkflow, onPause }: { row: Row<Gate>; ofWorkflow: boolean; onPause: (target: PauseTarget) => void }) {
  const gate = row.item;
  const what = targetText(gate);
  const pausable = gate.expression !== null && !row.gone;
  return (
    <li
      data-gate={what}
      className={clsx(
        "grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-1.5 text-sm md:grid-cols-[minmax(0,1fr)_160px_190px_28px] lg:grid-cols-[minmax(0,1fr)_190px_240px_28px]",
        row.gone && "opacity-45",
      )}
    >
      <p className="min-w-0 truncate max-md:col-span-2">
        <Name gate={gate} ofWorkflow={ofWorkflow} />
      </p>
      <span className="md:order-none max-md:order-2">{gate.kind === "concurrency" ? <Use gate={gate} /> : <span className="text-soft">{paceOf(gate)}</span>}</span>
      <span className={clsx("tabular max-md:order-3 max-md:text-right", gate.waiting === 0 ? "text-dim" : "text-soft")}>
        {gate.waiting === 0 ? (
          t.flow.gates.free
        ) : (
          <>
            <span className="font-medium text-queued">{t.flow.gates.waiting(gate.waiting)}</span>
            {gate.oldest === null ? null : (
              <>
                , <span className="max-lg:sr-only">{t.flow.gates.oldest} </span>
                <RunningDuration since={gate.oldest} />
              </>
            )}
          </>
        )}
      </span>
      <span className="flex justify-end max-md:hidden">
        {pausable ? <IconButton label={t.flow.pause.key(what)} icon={<Pause size={14} />} onClick={() => onPause({ workflow: gate.workflow, expression: gate.expression, key: gate.key })} /> : null}
      </span>
    </li>
  );
}

function Name({ gate, ofWorkflow }: { gate: Gate; ofWorkflow: boolean }) {
  const key = keyText(gate);
  const keyPart = key === "" ? null : <span className="font-mono text-xs text-soft">{key}</span>;
  if (gate.workflow === null) return <span className="font-medium">{t.flow.gates.ofAccount}</span>;
  if (ofWorkflow) return keyPart ?? <span>{t.flow.gates.all}</span>;
  return (
    <>
      <Link to={workflowPath(gate.workflow, "limits")} className="rounded-sm font-medium -outline-offset-2 hover:underline">
        {shortName(gate.workflow)}
      </Link>{" "}
      {keyPart}
    </>
  );
}

const paceOf = (gate: Gate) => t.flow.gates.pace(paceText(gate.interval_ms ?? 0, humanDuration), gate.burst ?? 1);

/** How much of a limit is taken. After a limit was lowered more may run than it allows. */
function Use({ gate }: { gate: Gate }) {
  const used = gate.in_use ?? 0;
  const limit = gate.limit ?? 0;
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden="true" className="h-1.5 w-20 shrink-0 overflow-hidden rounded-full bg-press">
        <span className="block h-full rounded-full" style={{ width: `${limit === 0 ? 0 : Math.min(100, (used / limit) * 100)}%`, background: used >= limit ? "var(--bar-waiting)" : "var(--bar-running)" }} />
      </span>
      <span className="tabular whitespace-nowrap text-soft">{t.flow.gates.use(used, limit)}</span>
    </span>
  );
}
