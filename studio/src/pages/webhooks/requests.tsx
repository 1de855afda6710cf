import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Inbox } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { webhookRequestsQuery } from "../../api/queries";
import type { SeenRequest, Webhook } from "../../api/webhooks";
import { useMedia } from "../../lib/use_media";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { Split } from "../../ui/split";
import { RelativeTime } from "../../ui/time_text";
import { RequestDetail } from "./request_detail";
import { ResultLabel } from "./result_label";

const REFRESH_MS = 1500;

/** The last requests, as they come; one of them beside the list, on a phone instead of it. */
export function Requests({ webhook }: { webhook: Webhook }) {
  const query = useQuery({ ...webhookRequestsQuery(webhook.id), refetchInterval: REFRESH_MS });
  const [params, setParams] = useSearchParams();
  const narrow = useMedia("(max-width: 767px)");
  const items = query.data?.items ?? [];
  const wanted = params.get("request");
  const chosen = items.find((one) => one.id === wanted) ?? (narrow ? undefined : items[0]);
  const choose = (id: string | null) => setParams(id === null ? {} : { request: id }, { replace: true });
  if (query.isPending) return <SkeletonRows label={t.common.loading} />;
  if (query.isError && items.length === 0)
    return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  if (items.length === 0)
    return (
      <div className="m-auto">
        <EmptyState
          icon={<Inbox size={18} />}
          title={t.webhooks.requests.emptyTitle}
          actions={
            <Link to={`/webhooks/${webhook.id}/send`} className={buttonClass()}>
              {t.webhooks.tabs.send}
            </Link>
          }
        >
          {t.webhooks.requests.emptyDetail}
        </EmptyState>
      </div>
    );
  const list = <RequestList items={items} chosen={chosen?.id} onChoose={choose} />;
  const detail = chosen === undefined ? null : <RequestDetail key={chosen.id} webhook={webhook} seen={chosen} onBack={narrow ? () => choose(null) : undefined} onReplayed={choose} />;
  if (narrow) return detail ?? list;
  return <Split id="webhook-requests" label={t.webhooks.tabs.label} direction="row" initial={38} first={list} second={detail} />;
}

function RequestList({ items, chosen, onChoose }: { items: SeenRequest[]; chosen: string | undefined; onChoose: (id: string) => void }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <ul aria-label={t.webhooks.requests.label}>
        {items.map((one) => (
          <li key={one.id} className="border-b">
            <button
              type="button"
              aria-current={one.id === chosen || undefined}
              onClick={() => onChoose(one.id)}
              className={clsx("flex w-full items-center gap-3 px-4 py-2 text-left text-sm -outline-offset-2 md:px-6", one.id === chosen ? "bg-press" : "hover:bg-hover")}
            >
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-2">
                  <ResultLabel result={one.result} />
                  <span className="tabular font-mono text-xs text-dim">{one.status}</span>
                </span>
                {one.reason === null ? null : <span className="block truncate text-xs text-soft">{one.reason}</span>}
              </span>
              <span className="shrink-0 text-xs text-soft">
                <RelativeTime iso={one.at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="px-4 py-3 text-xs text-dim md:px-6">{t.webhooks.requests.memory}</p>
    </div>
  );
}
