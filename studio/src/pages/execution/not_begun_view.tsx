import { Ban, CornerDownRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Execution } from "../../api/types";
import { exactTime } from "../../lib/time";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { useNow } from "../../lib/use_now";
import type { Liveness } from "../../live/use_live_execution";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { JsonTree } from "../../ui/json_tree";
import { StatusIcon } from "../../ui/status_icon";
import { RunningDuration } from "../../ui/time_text";
import { Keys } from "../queue/queued_list";
import { waitText } from "../queue/wait_text";
import { ExecutionHeader } from "./execution_header";

const TICK_MS = 1000;

/** A run without a journal: it waits in the queue, left it, or another one stands for it. */
export function NotBegunView({ execution, liveness }: { execution: Execution; liveness: Liveness }) {
  return (
    <>
      <ExecutionHeader execution={execution} liveness={liveness} />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        <div className="flex max-w-190 flex-col gap-6 px-4 py-5 md:px-6">
          {execution.status === "queued" ? <Waiting execution={execution} /> : execution.status === "absorbed" ? <Absorbed execution={execution} /> : <Cancelled execution={execution} />}
          <section>
            <h2 className="mb-2 text-sm font-semibold">{t.flow.run.input}</h2>
            {execution.input === null ? <p className="text-sm text-dim">{t.detail.noInput}</p> : <JsonTree value={execution.input} label={t.flow.run.input} />}
          </section>
        </div>
      </div>
    </>
  );
}

function Waiting({ execution }: { execution: Execution }) {
  const now = useNow(TICK_MS);
  const waits = execution.waits_for ?? null;
  const priority = execution.priority ?? 3;
  const keys = execution.keys ?? {};
  const workflow = encodeURIComponent(qualifiedName(execution));
  const r = t.flow.run;
  return (
    <section role="status" className="overflow-hidden rounded-lg border border-queued-line bg-queued-soft">
      <div className="flex items-start gap-3 px-4 py-3">
        <span className="mt-0.5">
          <StatusIcon status="queued" />
        </span>
        <div className="min-w-0 text-sm">
          <h2 className="font-medium">{r.waits}</h2>
          <p className="text-soft">{r.begins}</p>
        </div>
      </div>
      <dl className="grid gap-x-6 gap-y-3 border-t border-queued-line px-4 py-3 text-sm sm:grid-cols-2">
        <Fact name={r.gate} wide>
          <span data-waits-for={waits?.kind ?? "start"} title={(waits?.until ?? null) === null ? undefined : exactTime(waits?.until as string)}>
            {waitText(waits, now)}
          </span>
        </Fact>
        {waits?.place === undefined ? null : (
          <Fact name={r.place}>
            <span title={t.flow.placeHint} className="tabular">
              {t.flow.place(waits.place)}
            </span>
          </Fact>
        )}
        <Fact name={r.since}>
          <RunningDuration since={waits?.since ?? execution.created_at} />
        </Fact>
        <Fact name={r.priority}>{t.flow.list.priorities[priority] ?? priority}</Fact>
        <Fact name={r.keys}>{Object.keys(keys).length === 0 ? <span className="text-dim">{r.noKeys}</span> : <Keys keys={keys} />}</Fact>
      </dl>
      <div className="flex flex-wrap gap-2 border-t border-queued-line px-4 py-3">
        <Link to={`/queue?workflow=${workflow}`} className={buttonClass("secondary", "sm")}>
          {r.toQueue}
        </Link>
        <Link to={workflowPath(qualifiedName(execution), "limits")} className={buttonClass("secondary", "sm")}>
          {r.toLimits}
        </Link>
      </div>
    </section>
  );
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? "sm:col-span-2" : undefined}>
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="mt-0.5 min-w-0 break-words">{children}</dd>
    </div>
  );
}

function Absorbed({ execution }: { execution: Execution }) {
  const became = execution.became ?? null;
  return (
    <Note icon={<StatusIcon status="absorbed" />} title={t.flow.run.absorbed} detail={t.flow.run.absorbedWhy}>
      {became === null ? null : (
        <Link to={`/executions/${became}`} className={buttonClass("secondary", "sm")}>
          <CornerDownRight size={13} />
          {t.flow.run.became}
        </Link>
      )}
    </Note>
  );
}

function Cancelled({ execution }: { execution: Execution }) {
  const reason = execution.cancel_reason ?? "";
  return (
    <Note icon={<Ban size={16} className="text-cancelled" />} title={t.flow.run.cancelled} detail={t.flow.run.cancelledDetail}>
      {reason === "" ? null : (
        <p className="w-full break-words text-sm">
          <span className="text-soft">{t.flow.run.reason}:</span> {reason}
        </p>
      )}
    </Note>
  );
}

function Note({ icon, title, detail, children }: { icon: ReactNode; title: string; detail: string; children: ReactNode }) {
  return (
    <section role="status" className="flex items-start gap-3 rounded-lg border bg-sunken px-4 py-3">
      <span className="mt-0.5 shrink-0">{icon}</span>
      <div className="min-w-0 flex-1 text-sm">
        <h2 className="font-medium">{title}</h2>
        <p className="text-soft">{detail}</p>
        <div className="mt-2 flex flex-wrap gap-2 empty:hidden">{children}</div>
      </div>
    </section>
  );
}
