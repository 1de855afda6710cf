import { RotateCw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Execution, TaskExecution } from "../../api/types";
import { t } from "../../messages";
import { IconButton } from "../../ui/icon_button";

const ForkDialog = lazy(() => import("./fork_dialog").then((module) => ({ default: module.ForkDialog })));

/** For any task, whether it runs or has ended. */
export function ForkButton({ execution, task }: { execution: Execution; task: TaskExecution }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label={t.fork.button} icon={<RotateCw size={14} />} onClick={() => setOpen(true)} />
      {open ? (
        <Suspense fallback={null}>
          <ForkDialog execution={execution} task={task} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
