import type { PartitionState, SystemState } from "../../api/system";
import { t } from "../../messages";
import { ColumnHeads } from "../../ui/column_heads";

const COLUMNS = "grid grid-cols-[70px_1fr_auto] gap-x-4 gap-y-1 md:grid-cols-[90px_minmax(140px,1fr)_100px_80px_minmax(140px,1fr)]";

/** Who owns which partition, and how much is in those that are here. */
export function Partitions({ system }: { system: SystemState }) {
  const s = t.system;
  return (
    <section aria-label={s.partitions}>
      <h2 className="text-base font-semibold">{s.partitions}</h2>
      <p className="mt-0.5 mb-3 text-sm text-soft">{s.partitionsDetail}</p>
      <div role="table" aria-label={s.partitions} className="rounded-md border bg-surface text-sm">
        <div role="row" className={`border-b px-3 py-2 text-xs text-dim max-md:sr-only ${COLUMNS}`}>
          <ColumnHeads columns={s.partitionColumns} />
        </div>
        {system.partitions.map((one) => (
          <div key={one.partition} role="row" data-partition={one.partition} className={`border-b px-3 py-2 last:border-b-0 ${COLUMNS}`}>
            <span role="cell" className="tabular">
              {one.partition}
            </span>
            <span role="cell" className="truncate">
              {one.owner ?? t.common.none}
            </span>
            <span role="cell" className="tabular">
              {one.active?.toLocaleString("en") ?? t.common.none}
              <span className="text-soft md:hidden"> {s.partitionColumns[2]?.toLowerCase()}</span>
            </span>
            <span role="cell" className="tabular max-md:hidden">
              {one.queued?.toLocaleString("en") ?? t.common.none}
            </span>
            <State partition={one} />
          </div>
        ))}
      </div>
    </section>
  );
}

function State({ partition }: { partition: PartitionState }) {
  const s = t.system.states;
  const broken = partition.failure !== null || partition.owner === null;
  const text = partition.failure !== null ? `${s.failure}: ${partition.failure}` : partition.owner === null ? s.unowned : !partition.here ? s.elsewhere : partition.reads_back ? s.reads : s.well;
  return (
    <span role="cell" className={`max-md:col-span-3 ${broken ? "text-faulted" : partition.here && !partition.reads_back ? "text-completed" : "text-soft"}`}>
      {text}
    </span>
  );
}
