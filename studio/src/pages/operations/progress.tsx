import type { Operation } from "../../api/operations";
import { t } from "../../messages";

/** How far it has come: what was done, skipped and has failed, of all. */
export function Progress({ operation }: { operation: Operation }) {
  const { done, skipped, failed, total } = operation;
  const looked = done + skipped + failed;
  const whole = Math.max(total ?? looked, looked, 1);
  const share = (n: number) => `${(100 * n) / whole}%`;
  return (
    <div className="min-w-0">
      <div
        role="progressbar"
        aria-label={t.operations.progress}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={looked}
        className="flex h-1.5 overflow-hidden rounded-full bg-press"
      >
        <span className="bg-completed transition-[width] duration-180" style={{ width: share(done) }} />
        <span className="bg-dim transition-[width] duration-180" style={{ width: share(skipped) }} />
        <span className="bg-faulted transition-[width] duration-180" style={{ width: share(failed) }} />
      </div>
      <p className="tabular mt-1 flex flex-wrap gap-x-3 text-xs text-soft">
        <span>{t.operations.of(looked, total)}</span>
        <span>{t.operations.done(done)}</span>
        {skipped === 0 ? null : <span>{t.operations.skipped(skipped)}</span>}
        {failed === 0 ? null : <span className="text-faulted">{t.operations.failed(failed)}</span>}
      </p>
    </div>
  );
}
