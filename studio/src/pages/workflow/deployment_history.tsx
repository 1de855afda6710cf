import { useInfiniteQuery } from "@tanstack/react-query";
import type { DeploymentChange } from "../../api/deployment";
import { deploymentHistoryQuery, itemsOf } from "../../api/queries";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { RelativeTime } from "../../ui/time_text";

/** Who has changed which version starts, when and why. */
export function DeploymentHistory({ name }: { name: string }) {
  const query = useInfiniteQuery(deploymentHistoryQuery(name));
  const items = itemsOf(query.data);
  const h = t.versions.history;
  return (
    <section aria-label={h.title}>
      <h2 className="mb-3 text-base font-semibold">{h.title}</h2>
      {query.isError && items.length === 0 ? <ProblemPanel error={query.error} onRetry={() => void query.refetch()} /> : null}
      {items.length === 0 && query.isSuccess ? <p className="text-sm text-soft">{h.none}</p> : null}
      <ol className="flex flex-col gap-2.5">
        {items.map((one) => (
          <Change key={one.revision} change={one} />
        ))}
      </ol>
      {query.hasNextPage ? (
        <Button size="sm" className="mt-3" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.common.showMore}
        </Button>
      ) : null}
    </section>
  );
}

function Change({ change }: { change: DeploymentChange }) {
  const h = t.versions.history;
  return (
    <li className="text-sm">
      <span className={`font-medium ${change.act === "abort" ? "text-faulted" : ""}`}>{h.acts[change.act](change.current_version, change.canary?.version ?? "", change.canary?.percent ?? 0)}</span>{" "}
      <span className="text-xs text-dim">
        {change.by === "" ? null : h.by(change.by)} <RelativeTime iso={change.at} />
      </span>
      {change.note === null ? null : <span className="block text-soft">{change.note}</span>}
    </li>
  );
}
