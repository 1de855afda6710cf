import { Wrench } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Execution } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";

const RepairDialog = lazy(() => import("./repair_dialog").then((module) => ({ default: module.RepairDialog })));

const TRIED_AGAIN = new Set(["call", "run", "try"]);

/** For a task that has begun and not ended. */
export function RepairButton({ execution, task, className }: { execution: Execution; task: { id: number; name: string }; className?: string }) {
  const [open, setOpen] = useState(false);
  const kind = execution.tasks.find((one) => one.id === task.id)?.kind ?? "call";
  return (
    <>
      <Button size="sm" icon={<Wrench size={13} />} className={className} onClick={() => setOpen(true)}>
        {t.repair.button}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <RepairDialog execution={execution} task={task} canRetry={TRIED_AGAIN.has(kind)} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
