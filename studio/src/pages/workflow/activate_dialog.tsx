import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { activateVersion, type CountedVersion, type Deployment } from "../../api/deployment";
import { workflowQuery } from "../../api/queries";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";
import { Meaning } from "../compare/meaning";
import { NoteField } from "./note_field";
import { useDeployment } from "./use_deployment";

interface Props {
  name: string;
  version: CountedVersion;
  /** It was published before the current one. */
  older: boolean;
  deployment: Deployment;
  /** Runs that are under way on the current version. */
  unfinished: number;
  onClose: () => void;
}

/** Says what the other version means for those who use the workflow before it is started. */
export function ActivateDialog({ name, version, older, deployment, unfinished, onClose }: Props) {
  const [note, setNote] = useState("");
  const before = useQuery(workflowQuery(name));
  const after = useQuery(workflowQuery(name, version.version));
  const d = t.versions.activateDialog;
  const activate = useDeployment(name, () => activateVersion(name, deployment.revision, version.version, note.trim()), t.versions.done.activated(version.version), onClose);
  const failed = activate.error ?? before.error ?? after.error;
  return (
    <Dialog
      open
      width="lg"
      onClose={onClose}
      title={older ? d.back(version.version) : d.title(version.version)}
      description={
        <>
          {d.detail(deployment.current_version, unfinished)} {deployment.canary === null ? null : d.endsCanary(deployment.canary.version)}
        </>
      }
      onSubmit={() => activate.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={activate.isPending}>
            {older ? d.confirmBack(version.version) : d.confirm(version.version)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <NoteField value={note} onChange={setNote} />
        {before.data === undefined || after.data === undefined ? null : <Meaning before={before.data.source} after={after.data.source} />}
        {failed === null ? null : <ProblemPanel error={failed} />}
      </div>
    </Dialog>
  );
}
