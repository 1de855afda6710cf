import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, SearchX, Webhook as WebhookIcon } from "lucide-react";
import { useEffect, useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import { itemsOf, webhooksQuery } from "../../api/queries";
import type { Webhook } from "../../api/webhooks";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { SearchField } from "../../ui/search_field";
import { WebhookRow } from "./webhook_row";

const REFRESH_MS = 5000;

export function WebhooksPage() {
  useTitle(t.webhooks.title);
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const query = useInfiniteQuery({ ...webhooksQuery(""), refetchInterval: REFRESH_MS });
  const items = useMemo(() => itemsOf(query.data), [query.data]);
  const found = useMemo(() => items.filter((one) => fits(one, search.trim().toLowerCase())), [items, search]);
  // They are found here, not by the server: in all pages, not only in what was looked at.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const wantsMore = search.trim() !== "" && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);
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
        <PagedList
          query={query}
          items={found}
          label={t.webhooks.title}
          row={(one) => <WebhookRow key={one.id} webhook={one} />}
          empty={<EmptyState icon={<SearchX size={18} />} title={t.webhooks.noneMatch(search)} actions={<Button onClick={() => setSearch("")}>{t.webhooks.clearSearch}</Button>} />}
        />
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
