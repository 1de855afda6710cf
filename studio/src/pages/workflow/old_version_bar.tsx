import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useState } from "react";
import { workflowQuery } from "../../api/queries";
import type { Workflow } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { CompareDialog } from "../compare/compare_dialog";

interface Props {
  /** As the address has it. */
  name: string;
  workflow: Workflow;
  onCurrent: () => void;
}

export function OldVersionBar({ name, workflow, onCurrent }: Props) {
  const { data: current } = useQuery(workflowQuery(name));
  const [comparing, setComparing] = useState(false);
  const { version, source } = workflow;
  return (
    <div role="status" className="mx-4 mb-2 flex flex-wrap items-center gap-2.5 rounded-md border border-waiting-line bg-waiting-soft px-3 py-1.5 text-sm md:mx-6">
      <History size={15} className="shrink-0 text-waiting" />
      <p className="min-w-0 flex-1 basis-60">{t.versions.old(version, workflow.current_version)}</p>
      {current === undefined ? null : (
        <Button size="sm" onClick={() => setComparing(true)}>
          {t.compare.withCurrent}
        </Button>
      )}
      <Button size="sm" onClick={onCurrent}>
        {t.versions.toCurrent}
      </Button>
      {comparing && current !== undefined ? (
        <CompareDialog before={{ label: version, source }} after={{ label: current.version, source: current.source }} onClose={() => setComparing(false)} />
      ) : null}
    </div>
  );
}
