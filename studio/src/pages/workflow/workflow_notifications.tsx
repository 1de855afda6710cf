import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RuleDialog } from "../notifications/rule_dialog";
import { RuleRow } from "../notifications/rule_row";
import { channelsQuery, rulesQuery } from "../notifications/use_notifications";

/** The rules that are about a workflow, each to be changed here. `workflow`: namespace.name. */
export default function WorkflowNotifications({ workflow }: { workflow: string }) {
  const query = useQuery(rulesQuery(workflow));
  const channels = useQuery(channelsQuery);
  const [making, setMaking] = useState(false);
  const n = t.notifications;
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (query.data === undefined) return <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />;
  const hasChannels = (channels.data?.items.length ?? 0) > 0;
  return (
    <div className="flex flex-col items-start gap-3">
      {query.data.items.length === 0 ? (
        <p className="text-sm text-soft">{n.workflow.none}</p>
      ) : (
        <ul aria-label={n.workflow.title} className="w-full overflow-hidden rounded-md border bg-surface">
          {query.data.items.map((one) => (
            <RuleRow key={one.id} rule={one} workflowsShown={false} />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        {hasChannels ? (
          <Button icon={<Bell size={14} />} onClick={() => setMaking(true)}>
            {n.newRule}
          </Button>
        ) : null}
        <Link to={hasChannels ? "/notifications/rules" : "/notifications"} className={buttonClass()}>
          {n.workflow.all}
        </Link>
      </div>
      {making ? <RuleDialog workflow={workflow} onClose={() => setMaking(false)} /> : null}
    </div>
  );
}
