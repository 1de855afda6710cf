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
  onLatest: () => void;
}

export function OldVersionBar({ name, workflow, onLatest }: Props) {
  const { data: latest } = useQuery(workflowQuery(name));
  const [comparing, setComparing] = useState(false);
  const { version, source } = workflow;
  return (
    <div role="status" className="mx-4 mb-2 flex flex-wrap items-center gap-2.5 rounded-md border border-waiting-line bg-waiting-soft px-3 py-1.5 text-sm md:mx-6">
      <History size={15} className="shrink-0 text-waiting" />
      <p className="min-w-0 flex-1 basis-60">{t.versions.old(version)}</p>
      {latest === undefined ? null : (
        <Button size="sm" onClick={() => setComparing(true)}>
          {t.compare.withLatest}
        </Button>
      )}
      <Button size="sm" onClick={onLatest}>
        {t.versions.toLatest}
      </Button>
      {comparing && latest !== undefined ? (
        <CompareDialog before={{ label: version, source }} after={{ label: latest.version, source: latest.source }} onClose={() => setComparing(false)} />
      ) : null}
    </div>
  );
}
