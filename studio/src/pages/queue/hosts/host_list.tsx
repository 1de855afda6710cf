import { clsx } from "clsx";
import { CircleCheck, CircleDashed, CircleSlash } from "lucide-react";
import { useState } from "react";
import type { Circuit, Host } from "../../../api/hosts";
import { clockTime, exactTime } from "../../../lib/time";
import { t } from "../../../messages";
import { Button } from "../../../ui/button";
import { RelativeTime, RunningDuration } from "../../../ui/time_text";
import { useSteadyRows, type Row } from "../steady";
import { CloseDialog } from "./close_dialog";

const SHOWN = 10;

/** Who is called now or was not long ago: open circuits first, then where calls wait. */
export function HostList({ hosts }: { hosts: Host[] }) {
  const [all, setAll] = useState(false);
  const [closing, setClosing] = useState<string | null>(null);
  const { rows, area } = useSteadyRows(hosts, (host) => host.host);
  if (rows.length === 0) return <p className="rounded-lg border bg-surface px-4 py-4 text-sm text-dim">{t.hosts.noneCalled}</p>;
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <>
      <div {...area} className="overflow-hidden rounded-lg border bg-surface">
        <ul aria-label={t.hosts.called} className="divide-y">
          {shown.map((row) => (
            <HostRow key={row.id} row={row} onClose={setClosing} />
          ))}
        </ul>
        {shown.length === rows.length ? null : (
          <div className="border-t px-2.5 py-1.5">
            <Button tone="ghost" size="sm" onClick={() => setAll(true)}>
              {t.hosts.more(rows.length - shown.length)}
            </Button>
          </div>
        )}
      </div>
      {closing === null ? null : <CloseDialog host={closing} onClose={() => setClosing(null)} />}
    </>
  );
}

function HostRow({ row, onClose }: { row: Row<Host>; onClose: (host: string) => void }) {
  const host = row.item;
  return (
    <li
      data-host={host.host}
      className={clsx(
        "grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2 text-sm md:grid-cols-[minmax(0,1fr)_130px_150px_minmax(0,1.5fr)]",
        row.gone && "opacity-45",
      )}
    >
      <span className="min-w-0 truncate font-mono text-xs max-md:col-span-2" title={host.host}>
        {host.host}
      </span>
      <Use host={host} />
      <span className={clsx("tabular max-md:text-right", host.waiting === 0 ? "text-dim" : "text-soft")}>
        {host.waiting === 0 ? (
          t.hosts.quiet
        ) : (
          <>
            <span className="font-medium text-queued">{t.hosts.waiting(host.waiting)}</span>
            {host.oldest === null ? null : (
              <>
                , <RunningDuration since={host.oldest} />
              </>
            )}
          </>
        )}
      </span>
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 max-md:col-span-2">
        <CircuitText circuit={host.circuit} />
        {host.last_error === null ? null : (
          <span className="min-w-0 text-dim">
            {host.last_error.kind === "status" ? t.hosts.error.status(host.last_error.status ?? 0) : t.hosts.error[host.last_error.kind]}, <RelativeTime iso={host.last_error.at} />
          </span>
        )}
        {host.circuit === null || host.circuit.state === "closed" || row.gone ? null : (
          <span className="md:ml-auto">
            <Button size="sm" aria-label={t.hosts.circuit.closeHost(host.host)} onClick={() => onClose(host.host)}>
              {t.hosts.circuit.closeNow}
            </Button>
          </span>
        )}
      </div>
    </li>
  );
}

/** Shape and word say it, colour too. */
function CircuitText({ circuit }: { circuit: Circuit | null }) {
  const c = t.hosts.circuit;
  if (circuit === null) return <span className="text-dim">{c.none}</span>;
  const { Icon, tone } = { closed: { Icon: CircleCheck, tone: "text-completed" }, open: { Icon: CircleSlash, tone: "text-faulted" }, half_open: { Icon: CircleDashed, tone: "text-suspended" } }[circuit.state];
  const until = circuit.state === "open" && circuit.until !== null ? circuit.until : null;
  return (
    <span data-circuit={circuit.state} title={until === null ? undefined : exactTime(until)} className={clsx("inline-flex items-center gap-1.5 font-medium whitespace-nowrap", tone)}>
      <Icon size={14} />
      {until === null ? c[circuit.state] : c.until(clockTime(until).slice(0, 8))}
    </span>
  );
}

function Use({ host }: { host: Host }) {
  if (host.concurrency === null) return <span className="tabular text-soft">{t.hosts.unlimited(host.running)}</span>;
  const share = Math.min(100, (host.running / host.concurrency) * 100);
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden="true" className="h-1.5 w-16 shrink-0 overflow-hidden rounded-full bg-press">
        <span className="block h-full rounded-full" style={{ width: `${share}%`, background: host.running >= host.concurrency ? "var(--bar-waiting)" : "var(--bar-running)" }} />
      </span>
      <span className="tabular whitespace-nowrap text-soft">{t.hosts.use(host.running, host.concurrency)}</span>
    </span>
  );
}
