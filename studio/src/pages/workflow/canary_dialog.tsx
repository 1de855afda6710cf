import { useState } from "react";
import { setCanary, type Deployment } from "../../api/deployment";
import type { AbortWhen } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { NoteField } from "./note_field";
import { ShareSlider } from "./share_slider";
import { useDeployment } from "./use_deployment";

interface Props {
  name: string;
  version: string;
  deployment: Deployment;
  onClose: () => void;
}

export function CanaryDialog({ name, version, deployment, onClose }: Props) {
  const [share, setShare] = useState(10);
  const [stops, setStops] = useState(true);
  const [ratio, setRatio] = useState("5");
  const [runs, setRuns] = useState("20");
  const [note, setNote] = useState("");
  const when: AbortWhen | null = stops ? { failure_ratio: Number(ratio) / 100, runs: Number(runs) } : null;
  const ratioWrong = when !== null && !(when.failure_ratio > 0 && when.failure_ratio < 1);
  const runsWrong = when !== null && !(Number.isInteger(when.runs) && when.runs >= 1 && when.runs <= 1000);
  const d = t.versions.canaryDialog;
  const begin = useDeployment(
    name,
    () => setCanary(name, deployment.revision, { version, percent: share, abort_when: when }, note.trim()),
    t.versions.done.canary(version, share),
    onClose,
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={d.title(version)}
      description={d.detail(deployment.current_version)}
      onSubmit={() => !ratioWrong && !runsWrong && begin.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={begin.isPending} disabled={ratioWrong || runsWrong}>
            {d.confirm(share)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ShareSlider value={share} onChange={setShare} />
        <label className="flex items-center gap-2 text-sm font-medium">
          <input type="checkbox" checked={stops} onChange={(event) => setStops(event.target.checked)} className="size-4 accent-[var(--accent)]" />
          {d.abort}
        </label>
        {stops ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={d.abortRatio} hint={d.abortHint} error={ratioWrong ? d.abortRatioError : undefined}>
              {(props) => <Input {...props} inputMode="decimal" value={ratio} onChange={(event) => setRatio(event.target.value)} />}
            </Field>
            <Field label={d.abortRuns} error={runsWrong ? d.abortRunsError : undefined}>
              {(props) => <Input {...props} inputMode="numeric" value={runs} onChange={(event) => setRuns(event.target.value)} />}
            </Field>
          </div>
        ) : null}
        <NoteField value={note} onChange={setNote} />
        {begin.isError ? <ProblemPanel error={begin.error} /> : null}
      </div>
    </Dialog>
  );
}
