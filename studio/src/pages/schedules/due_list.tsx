import { TriangleAlert } from "lucide-react";
import type { DueTime } from "../../api/schedules";
import { dayAndTime } from "../../lib/time";
import { RelativeTime } from "../../ui/time_text";

/** The next starts on the viewer's clock; that of the schedule on hover, and a remark where clocks are set. */
export function DueList({ times, label }: { times: DueTime[]; label: string }) {
  return (
    <ol aria-label={label} className="divide-y rounded-md border bg-surface">
      {times.map((time) => (
        <li key={time.at} className="px-3 py-1.5 text-sm">
          <span className="flex items-center justify-between gap-4">
            <span className="tabular" title={time.local}>
              {dayAndTime(time.starts_at)}
            </span>
            <span className="text-dim">
              <RelativeTime iso={time.starts_at} />
            </span>
          </span>
          {time.remark === undefined ? null : (
            <span className="mt-0.5 flex items-start gap-1.5 text-xs text-waiting">
              <TriangleAlert size={12} className="mt-0.5 shrink-0" />
              {time.remark}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
