import type { SystemState } from "../../api/system";
import { t } from "../../messages";
import { ColumnHeads } from "../../ui/column_heads";

const COLUMNS = "grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 md:grid-cols-[1fr_1.4fr_90px_180px]";

/** The processes that share the partitions. */
export function Nodes({ system }: { system: SystemState }) {
  const s = t.system;
  const { node } = system;
  if (node === null) return null;
  return (
    <section aria-label={s.nodes}>
      <h2 className="mb-3 text-base font-semibold">{s.nodes}</h2>
      <div role="table" aria-label={s.nodes} className="rounded-md border bg-surface text-sm">
        <div role="row" className={`border-b px-3 py-2 text-xs text-dim max-md:sr-only ${COLUMNS}`}>
          <ColumnHeads columns={s.nodeColumns} />
        </div>
        {node.nodes.map((one) => (
          <div key={one.id} role="row" data-node={one.id} className={`border-b px-3 py-2 last:border-b-0 ${COLUMNS}`}>
            <span role="cell" className="truncate font-mono text-xs leading-5">
              {one.id}
            </span>
            <span role="cell" className="truncate">
              {one.address}
            </span>
            <span role="cell" className="tabular">
              {system.partitions.filter((partition) => partition.owner === one.id).length}
            </span>
            <span role="cell" className="text-xs leading-5 text-soft">
              {[one.id === node.id ? s.thisOne : "", one.id === node.id && node.keeps_schedules ? s.schedules : "", one.leaving ? s.leaving : ""].filter((text) => text !== "").join(", ")}
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}
