import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { HostRule } from "../../../api/hosts";
import { hostsQuery } from "../../../api/queries";
import { t } from "../../../messages";
import { Button } from "../../../ui/button";
import { ProblemPanel } from "../../../ui/problem_panel";
import { SkeletonRows } from "../../../ui/skeleton";
import { HostList } from "./host_list";
import { RuleDialog } from "./rule_dialog";
import { RuleList } from "./rule_list";

const REFRESH_MS = 2000;

/** How the outside may be called, and what goes on there. */
export function HostsPart() {
  const hosts = useQuery({ ...hostsQuery, refetchInterval: REFRESH_MS });
  const [asked, setAsked] = useState<HostRule | "new" | null>(null);
  return (
    <section aria-label={t.hosts.title} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-sm font-semibold">{t.hosts.title}</h2>
        <p className="min-w-0 flex-1 text-sm text-soft max-sm:hidden">{t.hosts.detail}</p>
        <span className="ml-auto">
          <Button size="sm" icon={<Plus size={13} />} onClick={() => setAsked("new")}>
            {t.hosts.add}
          </Button>
        </span>
      </div>
      {hosts.isPending ? (
        <SkeletonRows label={t.common.loading} />
      ) : hosts.data === undefined ? (
        <ProblemPanel error={hosts.error} onRetry={() => void hosts.refetch()} />
      ) : (
        <>
          <RuleList rules={hosts.data.rules} onEdit={setAsked} />
          <HostList hosts={hosts.data.items} />
        </>
      )}
      {asked === null ? null : <RuleDialog rule={asked === "new" ? null : asked} onClose={() => setAsked(null)} />}
    </section>
  );
}
