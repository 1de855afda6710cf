import type { Operation } from "../../api/operations";
import { t } from "../../messages";
import { StatusIcon } from "../../ui/status_icon";

export function StateLabel({ state }: { state: Operation["state"] }) {
  return (
    <span data-state={state} className="inline-flex items-center gap-2 text-sm whitespace-nowrap">
      <StatusIcon status={state} />
      {t.operations.states[state]}
    </span>
  );
}
