import { Compass } from "lucide-react";
import { Link } from "react-router";
import { useTitle } from "../lib/use_title";
import { t } from "../messages";
import { buttonClass } from "../ui/button";
import { EmptyState } from "../ui/empty_state";

/** `what`: what was looked for, where that is known. */
export function NotFoundPage({ what }: { what?: { kind: "workflow" | "execution"; name: string } }) {
  useTitle(t.notFound.title);
  const executions = what?.kind === "execution";
  return (
    <div className="flex flex-1 items-center">
      <EmptyState
        page
        icon={<Compass size={18} />}
        title={what === undefined ? t.notFound.title : t.notFound[what.kind]}
        actions={
          <Link to={executions ? "/executions" : "/workflows"} className={buttonClass("primary")}>
            {executions ? t.notFound.toExecutions : t.notFound.home}
          </Link>
        }
      >
        {what === undefined ? null : <p className="mb-1 font-mono text-xs break-all">{what.name}</p>}
        {t.notFound.detail}
      </EmptyState>
    </div>
  );
}
