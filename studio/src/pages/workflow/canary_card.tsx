import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { promoteCanary, setCanary, stopCanary, type CountedVersion, type Deployment } from "../../api/deployment";
import type { Canary } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";
import { NoteField } from "./note_field";
import { ShareSlider } from "./share_slider";
import { useDeployment } from "./use_deployment";

interface Props {
  name: string;
  deployment: Deployment;
  versions: CountedVersion[];
}

/** The version that is tried on a share of new runs: how it does, and how it goes on. Nothing when there is none. */
export function CanaryCard({ name, deployment, versions }: Props) {
  const { canary } = deployment;
  if (canary === null) return null;
  // What somebody else has set is taken over.
  return <Card key={`${canary.version} ${canary.percent}`} name={name} deployment={deployment} canary={canary} versions={versions} />;
}

function Card({ name, deployment, canary, versions }: Props & { canary: Canary }) {
  const [share, setShare] = useState(canary.percent);
  const [asks, setAsks] = useState<"promote" | "stop" | null>(null);
  const c = t.versions.canaryCard;
  const set = useDeployment(
    name,
    () => setCanary(name, deployment.revision, { version: canary.version, percent: share, abort_when: canary.abort_when }, ""),
    t.versions.done.canary(canary.version, share),
    () => undefined,
  );
  return (
    <section aria-label={c.title(canary.version)} className="rounded-md border border-waiting-line bg-waiting-soft p-4">
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="flex items-center gap-2 text-base font-semibold">
            <FlaskConical size={16} className="shrink-0 text-waiting" /> {c.title(canary.version)}
          </h2>
          <p className="mt-0.5 text-sm text-soft">{c.detail(canary.percent, deployment.current_version)}</p>
        </div>
        <div className="flex gap-2">
          <Button onClick={() => setAsks("stop")}>{c.stop}</Button>
          <Button tone="primary" onClick={() => setAsks("promote")}>
            {c.promote}
          </Button>
        </div>
      </div>
      <div className="mt-3 flex max-w-150 flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1 basis-70">
          <ShareSlider value={share} onChange={setShare} />
        </div>
        <Button disabled={share === canary.percent} busy={set.isPending} onClick={() => set.mutate()}>
          {c.set(share)}
        </Button>
      </div>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        <dt className="text-soft">{c.failed}</dt>
        <dd className="tabular">{c.compare(failed(versions, canary.version), failed(versions, deployment.current_version))}</dd>
      </dl>
      <p className="mt-2 text-xs text-soft">{canary.abort_when === null ? c.noAbort : c.abort(canary.abort_when.failure_ratio, canary.abort_when.runs)}</p>
      {set.isError ? <ProblemPanel error={set.error} /> : null}
      {asks === null ? null : <EndDialog name={name} deployment={deployment} canary={canary} promotes={asks === "promote"} onClose={() => setAsks(null)} />}
    </section>
  );
}

function failed(versions: CountedVersion[], version: string): string {
  const recent = versions.find((one) => one.version === version)?.recent;
  return recent === undefined ? "–" : t.versions.failed(recent.faulted, recent.faulted + recent.completed);
}

function EndDialog({ name, deployment, canary, promotes, onClose }: { name: string; deployment: Deployment; canary: Canary; promotes: boolean; onClose: () => void }) {
  const [note, setNote] = useState("");
  const d = promotes ? t.versions.promoteDialog : t.versions.stopDialog;
  const end = useDeployment(
    name,
    () => (promotes ? promoteCanary : stopCanary)(name, deployment.revision, note.trim()),
    promotes ? t.versions.done.activated(canary.version) : t.versions.done.stopped(canary.version),
    onClose,
  );
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={d.title(canary.version)}
      description={d.detail(canary.version, deployment.current_version)}
      onSubmit={() => end.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={end.isPending}>
            {d.confirm}
          </Button>
        </>
      }
    >
      <NoteField value={note} onChange={setNote} />
      {end.isError ? (
        <div className="mt-3">
          <ProblemPanel error={end.error} />
        </div>
      ) : null}
    </Dialog>
  );
}
