import { ArrowRightToLine, CircleCheck, FileText, FlaskConical, Play, TriangleAlert, Undo2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { CountedVersion, Deployment } from "../../api/deployment";
import { workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { MenuItem } from "../../ui/menu";
import { RowMenu } from "../../ui/row_menu";
import { RelativeTime } from "../../ui/time_text";
import { ActivateDialog } from "./activate_dialog";
import { CanaryDialog } from "./canary_dialog";

const ActDialog = lazy(() => import("../operations/act_dialog").then((module) => ({ default: module.ActDialog })));

export const VERSION_COLUMNS = "grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 md:grid-cols-[minmax(90px,1fr)_120px_minmax(150px,1.6fr)_120px_110px_32px] md:gap-x-4 md:gap-y-0";

interface Props {
  name: string;
  version: CountedVersion;
  deployment: Deployment;
  versions: CountedVersion[];
}

const UNFINISHED = "pending,running,waiting,suspended";

function runsOf(name: string, version: string, unfinished: boolean): string {
  const search = new URLSearchParams({ workflow: name, find: `version:${version}`, ...(unfinished ? { status: UNFINISHED } : {}) });
  return `/executions?${search.toString()}`;
}

export function VersionRow({ name, version, deployment, versions }: Props) {
  const [asks, setAsks] = useState<"activate" | "canary" | "move" | null>(null);
  const navigate = useNavigate();
  const current = versions.find((one) => one.current);
  const older = current !== undefined && version.created_at < current.created_at;
  const ended = version.recent.completed + version.recent.faulted;
  return (
    <div role="row" data-version={version.version} className={`border-b px-3 py-2.5 text-sm last:border-b-0 ${VERSION_COLUMNS}`}>
      <span role="cell" className="min-w-0">
        <Link to={runsOf(name, version.version, false)} title={t.versions.runs(version.version)} className="block truncate rounded-sm font-mono text-[13px] font-medium hover:underline">
          {version.version}
        </Link>
      </span>
      <span role="cell" className="max-md:text-right">
        <Share version={version} />
      </span>
      <span role="cell" className={`min-w-0 max-md:order-3 max-md:col-span-2 ${version.unfinished + version.queued === 0 ? "max-md:hidden" : ""}`}>
        <Unfinished name={name} version={version} />
      </span>
      <span role="cell" className={`tabular max-md:order-4 ${ended === 0 ? "max-md:hidden" : ""} ${version.recent.faulted > 0 ? "text-faulted" : "text-soft"}`} title={t.versions.failedMeans}>
        {t.versions.failed(version.recent.faulted, ended)}
        <span className="md:hidden"> {t.versions.failedWord}</span>
      </span>
      <span role="cell" className="text-soft max-md:order-2 max-md:col-start-1">
        <RelativeTime iso={version.created_at} />
      </span>
      <span role="cell" className="max-md:order-2 max-md:justify-self-end">
        <RowMenu label={t.versions.actions(version.version)}>
          <MenuItem icon={<FileText size={15} />} onSelect={() => void navigate(version.current ? workflowPath(name) : `${workflowPath(name)}?version=${encodeURIComponent(version.version)}`)}>
            {t.versions.open}
          </MenuItem>
          {version.current ? null : (
            <>
              <MenuItem icon={older ? <Undo2 size={15} /> : <Play size={15} />} onSelect={() => setAsks("activate")}>
                {older ? t.versions.rollback : t.versions.activate}
              </MenuItem>
              <MenuItem icon={<FlaskConical size={15} />} onSelect={() => setAsks("canary")}>
                {t.versions.tryIt}
              </MenuItem>
              <MenuItem icon={<ArrowRightToLine size={15} />} disabled={version.unfinished === 0} onSelect={() => setAsks("move")}>
                {t.versions.move}
              </MenuItem>
            </>
          )}
        </RowMenu>
      </span>
      {asks === "activate" ? <ActivateDialog name={name} version={version} older={older} deployment={deployment} unfinished={current?.unfinished ?? 0} onClose={() => setAsks(null)} /> : null}
      {asks === "move" ? (
        <Suspense fallback={null}>
          <ActDialog filter={{ workflow: name, version: version.version, status: UNFINISHED }} act="migrate" onClose={() => setAsks(null)} />
        </Suspense>
      ) : null}
      {asks === "canary" ? <CanaryDialog name={name} version={version.version} deployment={deployment} onClose={() => setAsks(null)} /> : null}
    </div>
  );
}

function Share({ version }: { version: CountedVersion }) {
  if (version.current) return <span className="rounded-full border border-completed-line bg-completed-soft px-2 py-0.5 text-xs font-medium text-completed">{t.versions.current}</span>;
  if (version.canary_percent !== null)
    return <span className="tabular rounded-full border border-waiting-line bg-waiting-soft px-2 py-0.5 text-xs font-medium text-waiting">{t.versions.canary(version.canary_percent)}</span>;
  return <span className="text-dim">{t.versions.notStarted}</span>;
}

function Unfinished({ name, version }: { name: string; version: CountedVersion }) {
  if (version.unfinished + version.queued === 0) return <span className="text-dim">0</span>;
  const move = version.move_to_current;
  return (
    <span className="flex min-w-0 flex-col">
      {version.unfinished === 0 ? null : (
        <Link to={runsOf(name, version.version, true)} className="tabular self-start rounded-sm text-accent-ink hover:underline">
          {t.versions.unfinished(version.unfinished)}
        </Link>
      )}
      {version.queued === 0 ? null : (
        <Link to={`/queue?workflow=${encodeURIComponent(name)}`} title={t.versions.queuedMeans} className="tabular self-start rounded-sm text-xs text-queued hover:underline">
          {t.versions.queued(version.queued)}
        </Link>
      )}
      {version.oldest_unfinished_at === null || version.current ? null : (
        <span className="text-xs text-dim">
          {t.versions.since} <RelativeTime iso={version.oldest_unfinished_at} />
        </span>
      )}
      {move === null ? null : move.safe ? (
        <span className="flex items-center gap-1 text-xs text-soft" title={t.versions.movableMeans}>
          <CircleCheck size={13} className="shrink-0 text-completed" /> {t.versions.movable}
        </span>
      ) : (
        <span className="flex items-center gap-1 text-xs text-soft" title={move.in_the_way.map((one) => one.message).join("\n")}>
          <TriangleAlert size={13} className="shrink-0 text-waiting" /> {t.versions.look}
        </span>
      )}
    </span>
  );
}
