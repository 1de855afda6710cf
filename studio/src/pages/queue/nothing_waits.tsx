import { useQuery } from "@tanstack/react-query";
import { ListOrdered } from "lucide-react";
import { Link } from "react-router";
import { listWorkflows } from "../../api/workflows";
import { workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";

const OFFERED_MAX = 4;

/** What this page is for, and the way to the limits of workflows. */
export function NothingWaits() {
  const { data } = useQuery({ queryKey: ["workflows", "offered"], queryFn: ({ signal }) => listWorkflows("", null, signal, OFFERED_MAX) });
  const offered = data?.items ?? [];
  return (
    <EmptyState
      icon={<ListOrdered size={18} />}
      title={t.flow.empty.title}
      actions={
        data === undefined ? undefined : offered.length === 0 ? (
          <Link to="/workflows/new" className={buttonClass("primary")}>
            {t.flow.empty.noWorkflow}
          </Link>
        ) : (
          <>
            <span className="w-full text-sm text-soft">{t.flow.empty.limitsOf}</span>
            {offered.map((one) => (
              <Link key={`${one.namespace}.${one.name}`} to={workflowPath(`${one.namespace}.${one.name}`, "limits")} className={buttonClass()}>
                {one.title ?? one.name}
              </Link>
            ))}
          </>
        )
      }
    >
      {t.flow.empty.detail}
    </EmptyState>
  );
}
