import { useQuery } from "@tanstack/react-query";
import { countedVersionsQuery, deploymentQuery } from "../../api/queries";
import { t } from "../../messages";
import { ColumnHeads } from "../../ui/column_heads";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { CanaryCard } from "./canary_card";
import { DeploymentHistory } from "./deployment_history";
import { VERSION_COLUMNS, VersionRow } from "./version_row";

/** Which version new runs get, what still runs on which, and who decided so. */
export default function VersionsTab({ name }: { name: string }) {
  const counted = useQuery(countedVersionsQuery(name));
  const deployed = useQuery(deploymentQuery(name));
  const failed = counted.error ?? deployed.error;
  if (counted.data === undefined || deployed.data === undefined) {
    if (failed === null) return <SkeletonRows label={t.common.loading} />;
    return <PageProblem error={failed} onRetry={() => void Promise.all([counted.refetch(), deployed.refetch()])} />;
  }
  const { items } = counted.data;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-270 flex-col gap-8 px-4 py-6 md:px-6">
        <CanaryCard name={name} deployment={deployed.data} versions={items} />
        <section aria-label={t.versions.title}>
          <div role="table" aria-label={t.versions.title} className="rounded-md border bg-surface">
            <div role="rowgroup" className="max-md:sr-only">
              <div role="row" className={`border-b px-3 py-2 text-xs text-dim ${VERSION_COLUMNS}`}>
                <ColumnHeads columns={t.versions.columns} />
              </div>
            </div>
            <div role="rowgroup">
              {items.map((one) => (
                <VersionRow key={one.version} name={name} version={one} deployment={deployed.data} versions={items} />
              ))}
            </div>
          </div>
          <p className="mt-2 text-xs text-dim">
            {t.versions.countedSince} <RelativeTime iso={counted.data.counted_since} />. {counted.data.counted_all ? null : t.versions.notAll}
          </p>
        </section>
        <DeploymentHistory name={name} />
      </div>
    </div>
  );
}
