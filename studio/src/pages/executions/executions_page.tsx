import { Layers, ListVideo } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { SkeletonRows } from "../../ui/skeleton";
import { LiveExecutions } from "../live_executions";
import { DeadLetters } from "./dead_letters";
import { NotBegunLine } from "./not_begun_line";
import { ExecutionFilters } from "./filters";
import { isFiltered, isQueued, NO_FILTER, useFilter, useQueryOf } from "./use_filter";

const QueuedList = lazy(() => import("../queue/queued_list").then((module) => ({ default: module.QueuedList })));
const ActDialog = lazy(() => import("../operations/act_dialog").then((module) => ({ default: module.ActDialog })));

export function ExecutionsPage() {
  useTitle(t.nav.executions);
  const [filter, change] = useFilter();
  const query = useQueryOf(filter);
  const [acting, setActing] = useState(false);
  const filtered = isFiltered(filter);
  const queued = isQueued(filter);
  return (
    <>
      <PageHeader
        title={t.nav.executions}
        actions={
          <>
            <Link to="/operations" className={buttonClass("ghost")}>
              <Layers size={14} />
              {t.operations.see}
            </Link>
            <Button disabled={!filtered} title={filtered ? undefined : t.executions.actOnAllFirst} onClick={() => setActing(true)}>
              {t.executions.actOnAll}
            </Button>
          </>
        }
      />
      <ExecutionFilters filter={filter} onChange={change} />
      {queued ? (
        <div className="min-h-0 flex-1 overflow-y-auto px-4 pt-1 pb-5 md:px-6">
          <Suspense fallback={<SkeletonRows label={t.common.loading} />}>
            <QueuedList key={filter.workflow} filter={{ workflow: filter.workflow, key: "" }} />
          </Suspense>
        </div>
      ) : (
        <>
          <DeadLetters workflow={filter.workflow} />
          <NotBegunLine workflow={filter.workflow} />
          <LiveExecutions filter={query} empty={<Nothing filtered={filtered} onClear={() => change(NO_FILTER)} />} />
        </>
      )}
      {acting ? (
        <Suspense fallback={null}>
          <ActDialog filter={query} onClose={() => setActing(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState icon={<ListVideo size={18} />} title={t.executions.noneMatch} actions={<Button onClick={onClear}>{t.executions.clear}</Button>}>
        {t.executions.noneMatchDetail}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<ListVideo size={18} />}
      title={t.executions.none}
      actions={
        <Link to="/workflows" className={buttonClass("primary")}>
          {t.executions.toWorkflows}
        </Link>
      }
    >
      {t.executions.noneDetail}
    </EmptyState>
  );
}
