import { useInfiniteQuery } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { Link } from "react-router";
import { itemsOf, webhooksQuery } from "../../api/queries";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { WebhookRow } from "../webhooks/webhook_row";

const REFRESH_MS = 5000;

/** The webhooks that start a workflow, each leading to its page. */
export function WorkflowWebhooks({ name }: { name: string }) {
  const query = useInfiniteQuery({ ...webhooksQuery(name), refetchInterval: REFRESH_MS });
  const items = itemsOf(query.data);
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (query.isError && items.length === 0) return <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="flex flex-col items-start gap-3">
      {items.length === 0 ? null : (
        <ul aria-label={t.webhooks.title} className="w-full overflow-hidden rounded-md border bg-surface">
          {items.map((one) => (
            <WebhookRow key={one.id} webhook={one} workflowShown={false} />
          ))}
        </ul>
      )}
      <Link to={`/webhooks/new?workflow=${encodeURIComponent(name)}`} className={buttonClass()}>
        <WebhookIcon size={14} />
        {t.webhooks.add}
      </Link>
    </div>
  );
}
