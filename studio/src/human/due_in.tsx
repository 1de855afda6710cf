import { AlarmClock } from "lucide-react";
import { exactTime, humanDuration } from "../lib/time";
import { useNow } from "../lib/use_now";
import { t } from "../messages";

const MINUTE_MS = 60_000;
const SOON_MS = 60 * MINUTE_MS;

/** How much time is left for an answer. */
export function DueIn({ iso }: { iso: string }) {
  const left = Date.parse(iso) - useNow(10_000);
  const rounded = left > 2 * MINUTE_MS ? Math.ceil(left / MINUTE_MS) * MINUTE_MS : Math.ceil(left / 1000) * 1000;
  return (
    <time dateTime={iso} title={exactTime(iso)} className={`tabular flex items-center gap-1 whitespace-nowrap ${left < SOON_MS ? "text-faulted" : ""}`}>
      <AlarmClock size={13} className="shrink-0" aria-hidden="true" />
      {left > 0 ? t.inbox.due(humanDuration(rounded)) : t.inbox.overdue}
    </time>
  );
}
