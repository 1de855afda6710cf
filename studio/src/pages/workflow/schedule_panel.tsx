import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Radio } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { itemsOf, schedulesQuery } from "../../api/queries";
import type { Schedule } from "../../api/schedules";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { CodeBlock } from "../../ui/code_block";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { EventDialog } from "../events/event_dialog";
import { ScheduleRow } from "../schedules/schedule_row";

const REFRESH_MS = 5000;

/** The schedules that start a workflow: its document's own, and those that were made for it. */
export default function SchedulePanel({ workflow }: { workflow: string }) {
  const query = useInfiniteQuery({ ...schedulesQuery({ workflow }), refetchInterval: REFRESH_MS });
  const items = itemsOf(query.data);
  if (query.isPending) return <SkeletonRows rows={2} label={t.common.loading} />;
  if (query.isError && items.length === 0) return <ProblemPanel error={query.error} onRetry={() => void query.refetch()} />;
  const types = items.flatMap(eventTypes);
  return (
    <div className="flex flex-col gap-4">
      {items.length === 0 ? (
        <>
          <p className="text-sm text-soft">{t.schedules.triggers.none}</p>
          <CodeBlock code={t.schedules.triggers.example} label={t.schedules.triggers.exampleLabel} />
        </>
      ) : (
        <ul aria-label={t.schedules.title} className="overflow-hidden rounded-md border bg-surface [&>li:last-child]:border-b-0">
          {items.map((one) => (
            <ScheduleRow key={one.id} schedule={one} ofWorkflow />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        <Link to={`/schedules/new?workflow=${encodeURIComponent(workflow)}`} className={buttonClass()}>
          <Plus size={14} />
          {t.schedules.create}
        </Link>
        {types.length === 0 ? null : <SendEvent types={types} />}
        {query.hasNextPage ? (
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t.common.showMore}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

const eventTypes = (schedule: Schedule) => schedule.times.flatMap((entry) => ("on" in entry ? entry.on : []));

function SendEvent({ types }: { types: string[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Radio size={14} />} onClick={() => setOpen(true)}>
        {t.events.send}
      </Button>
      {open ? <EventDialog types={types} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
