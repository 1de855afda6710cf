import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, SearchX, Webhook as WebhookIcon } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { webhooksQuery } from "../../api/queries";
import type { Webhook } from "../../api/webhooks";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SearchField } from "../../ui/search_field";
import { SkeletonRows } from "../../ui/skeleton";
import { WebhookRow } from "./webhook_row";

const REFRESH_MS = 5000;

export function WebhooksPage() {
  useTitle(t.webhooks.title);
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const query = useInfiniteQuery({ ...webhooksQuery(""), refetchInterval: REFRESH_MS });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const found = useMemo(() => items.filter((one) => fits(one, search.trim().toLowerCase())), [items, search]);
  const setSearch = (text: string) => setParams(text === "" ? {} : { q: text }, { replace: true });
  if (query.isSuccess && items.length === 0) return <FirstWebhook />;
  return (
    <>
      <PageHeader
        title={t.webhooks.title}
        actions={
          <>
            <SearchField label={t.webhooks.search} value={search} onChange={setSearch} />
            <NewWebhook />
          </>
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {query.isPending ? (
          <SkeletonRows label={t.common.loading} />
        ) : query.isError && items.length === 0 ? (
          <div className="p-4 md:p-6">
            <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : found.length === 0 ? (
          <EmptyState icon={<SearchX size={18} />} title={t.webhooks.noneMatch(search)} actions={<Button onClick={() => setSearch("")}>{t.webhooks.clearSearch}</Button>} />
        ) : (
          <ul aria-label={t.webhooks.title}>
            {found.map((one) => (
              <WebhookRow key={one.id} webhook={one} />
            ))}
          </ul>
        )}
        {query.hasNextPage ? (
          <div className="flex justify-center py-4">
            <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t.common.showMore}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}

/** By anything that stands in its row. */
function fits(webhook: Webhook, search: string): boolean {
  return search === "" || `${webhook.url} ${webhook.namespace}.${webhook.workflow} ${webhook.description} ${webhook.authentication.type}`.toLowerCase().includes(search);
}

function NewWebhook() {
  return (
    <Link to="/webhooks/new" className={buttonClass("primary")}>
      <Plus size={15} />
      {t.webhooks.create}
    </Link>
  );
}

function FirstWebhook() {
  return (
    <div className="m-auto">
      <EmptyState page icon={<WebhookIcon size={18} />} title={t.webhooks.emptyTitle} actions={<NewWebhook />}>
        {t.webhooks.emptyDetail}
      </EmptyState>
    </div>
  );
}
