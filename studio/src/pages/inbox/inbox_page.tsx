import { useInfiniteQuery } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { useCallback, useMemo } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { itemsOf, tasksQuery } from "../../api/queries";
import type { TaskFilter, TaskSummary } from "../../api/tasks";
import { useWide } from "../../lib/use_media";
import { usePerson } from "../../lib/use_person";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { useShortcut } from "../../lib/shortcuts";
import { buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { SkeletonRows } from "../../ui/skeleton";
import { TaskDetail } from "./task_detail";
import { TaskList } from "./task_list";
import { WhoAmI } from "./who_am_i";

const REFRESH_MS = 3000;
type Tab = "open" | "mine" | "ended";
const TABS: Tab[] = ["open", "mine", "ended"];

/** What people are asked: the list, and beside it the one that is open. On a phone one of the two. */
export function InboxPage() {
  useTitle(t.inbox.title);
  const { id } = useParams();
  const [params, setParams] = useSearchParams();
  const name = usePerson();
  const tab = TABS.find((one) => one === params.get("show")) ?? "open";
  const tasks = useTasks(tab, name);
  const wide = useWide();
  useWalking(tasks.items, id);
  const list = <TaskList items={tasks.items} chosen={id} hasMore={tasks.hasMore} onMore={tasks.more} search={params.toString()} />;
  return (
    <>
      {id !== undefined && !wide ? null : (
        <PageHeader
          title={t.inbox.title}
          actions={
            <>
              {tab === "mine" && name === "" ? null : <WhoAmI />}
              <Segmented label={t.inbox.which} value={tab} onChange={(show) => setParams(show === "open" ? {} : { show })} options={TABS.map((value) => ({ value, label: t.inbox.tabs[value] }))} />
            </>
          }
        />
      )}
      <div className="flex min-h-0 flex-1">
        {id !== undefined && !wide ? null : (
          <section aria-label={t.inbox.list} className={id === undefined && tasks.items.length === 0 ? "min-w-0 flex-1 overflow-y-auto" : "min-w-0 overflow-y-auto max-lg:flex-1 lg:w-96 lg:shrink-0 lg:border-r"}>
            {tasks.pending ? <SkeletonRows label={t.common.loading} /> : tasks.error !== null && tasks.items.length === 0 ? <Trouble error={tasks.error} retry={tasks.retry} /> : tasks.items.length === 0 ? <Nothing tab={tab} name={name} /> : list}
          </section>
        )}
        {id !== undefined ? (
          <TaskDetail key={id} id={id} back={wide ? null : `/inbox${params.size === 0 ? "" : `?${params.toString()}`}`} />
        ) : wide && tasks.items.length > 0 ? (
          <div className="flex-1">
            <EmptyState icon={<Inbox size={18} />} title={t.inbox.pick}>
              {t.inbox.pickDetail}
            </EmptyState>
          </div>
        ) : null}
      </div>
    </>
  );
}

function useTasks(tab: Tab, name: string) {
  const filter: TaskFilter = { status: tab === "ended" ? "ended" : "open", ...(tab === "mine" ? { assignee: name } : {}) };
  const query = useInfiniteQuery({ ...tasksQuery(filter), enabled: tab !== "mine" || name !== "", refetchInterval: REFRESH_MS });
  const { fetchNextPage, refetch, data } = query;
  const items = useMemo(() => itemsOf(data), [data]);
  return {
    items: tab === "mine" && name === "" ? [] : items,
    pending: query.isLoading,
    error: query.error,
    hasMore: query.hasNextPage,
    more: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    retry: useCallback(() => void refetch(), [refetch]),
  };
}

/** j and k go along the list. */
function useWalking(items: TaskSummary[], id: string | undefined): void {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const at = items.findIndex((one) => one.id === id);
  const go = (index: number) => {
    const task = items[Math.max(0, Math.min(items.length - 1, index))];
    if (task !== undefined) void navigate({ pathname: `/inbox/${task.id}`, search: params.toString() });
  };
  useShortcut("j", () => go(at + 1), items.length > 0);
  useShortcut("k", () => go(at < 0 ? 0 : at - 1), items.length > 0);
}

const Trouble = ({ error, retry }: { error: Error; retry: () => void }) => (
  <div className="px-4 md:px-6">
    <ProblemPanel error={error} onRetry={retry} />
  </div>
);

function Nothing({ tab, name }: { tab: Tab; name: string }) {
  if (tab === "mine" && name === "") {
    return (
      <EmptyState icon={<Inbox size={18} />} title={t.inbox.askName} actions={<WhoAmI asking />}>
        {t.inbox.askNameDetail}
      </EmptyState>
    );
  }
  const title = { open: t.inbox.none, mine: t.inbox.noneMine, ended: t.inbox.noneEnded }[tab];
  return (
    <EmptyState
      icon={<Inbox size={18} />}
      title={title}
      actions={
        tab === "open" ? (
          <Link to="/workflows/new" className={buttonClass("primary")}>
            {t.inbox.toTemplates}
          </Link>
        ) : undefined
      }
    >
      {tab === "mine" ? t.inbox.noneMineDetail(name) : tab === "open" ? t.inbox.noneDetail : undefined}
    </EmptyState>
  );
}
