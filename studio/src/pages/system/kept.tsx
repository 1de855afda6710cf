import { useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { useState } from "react";
import { retentionQuery } from "../../api/queries";
import type { KeptTimes, Retention } from "../../api/retention";
import { t } from "../../messages";
import { useCommands } from "../../shell/commands";
import { Button } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { KeptDialog } from "./kept_dialog";

/** How long the account keeps its runs after their end. */
export function Kept() {
  const { data, error, refetch } = useQuery(retentionQuery);
  const [changes, setChanges] = useState(false);
  const k = t.kept;
  useCommands([{ id: "kept", label: k.command, group: t.palette.groups.here, icon: <Clock size={15} />, run: () => setChanges(true) }], "system-kept");
  return (
    <section aria-label={k.title}>
      <h2 className="text-base font-semibold">{k.title}</h2>
      <p className="mt-0.5 mb-3 text-sm text-soft">{k.detail}</p>
      {data === undefined ? (
        error === null ? <SkeletonBlock label={t.common.loading} /> : <ProblemPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          <Times retention={data} />
          <Button onClick={() => setChanges(true)}>{k.change}</Button>
          {changes ? <KeptDialog retention={data} onClose={() => setChanges(false)} /> : null}
        </>
      )}
    </section>
  );
}

function Times({ retention }: { retention: Retention }) {
  const k = t.kept;
  return (
    <dl className="mb-3 grid gap-x-6 rounded-md border bg-surface p-4 text-sm sm:grid-cols-[auto_1fr] sm:gap-y-2.5">
      {(["completed", "faulted"] satisfies (keyof KeptTimes)[]).map((of) => (
        <div key={of} data-kept={of} className="contents">
          <dt className="text-soft">{k[of]}</dt>
          <dd className="min-w-0 max-sm:mb-3">
            <span className="tabular">{k.time(retention.in_force[of])}</span>{" "}
            <span className="text-xs text-dim">{retention.rules[of] === undefined ? k.asServer : retention.rules[of] === retention.in_force[of] ? k.own : k.bounded(k.time(retention.rules[of]))}</span>
          </dd>
        </div>
      ))}
      <dt className="text-soft">{k.after}</dt>
      <dd>{retention.archived ? k.archived : k.gone}</dd>
      {retention.updated_at === null ? null : (
        <>
          <dt className="text-soft max-sm:mt-3">{k.changed}</dt>
          <dd>
            <RelativeTime iso={retention.updated_at} /> <span className="text-xs text-dim">{t.audit.by(retention.updated_by)}</span>
          </dd>
        </>
      )}
    </dl>
  );
}
