import { CircleDashed } from "lucide-react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";

/** A task of the graph that this run has not come to, or went around. */
export function NotRun({ name, ended, onWhole }: { name: string; ended: boolean; onWhole: () => void }) {
  return (
    <section aria-label={t.detail.label} className="flex min-h-0 flex-1 flex-col bg-surface">
      <EmptyState icon={<CircleDashed size={18} />} title={ended ? t.detail.didNotRun(name) : t.detail.notRunYet(name)} actions={<Button onClick={onWhole}>{t.detail.showWhole}</Button>} />
    </section>
  );
}
