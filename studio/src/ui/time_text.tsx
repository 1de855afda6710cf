import { exactDuration, exactTime, humanDuration, relativeTime } from "../lib/time";
import { useNow } from "../lib/use_now";
import { t } from "../messages";

const MINUTE_MS = 60_000;

/** "3 min ago"; the exact local time with its zone on hover. */
export function RelativeTime({ iso }: { iso: string }) {
  const mounted = Date.now() - Date.parse(iso);
  const now = useNow(Math.abs(mounted) < MINUTE_MS ? 1000 : 15_000);
  return (
    <time dateTime={iso} title={exactTime(iso)} className="tabular whitespace-nowrap">
      {relativeTime(iso, now)}
    </time>
  );
}

export function Duration({ ms }: { ms: number | null | undefined }) {
  if (ms === null || ms === undefined) return <span className="text-dim">{t.common.none}</span>;
  return (
    <span title={exactDuration(ms)} className="tabular whitespace-nowrap">
      {humanDuration(ms)}
    </span>
  );
}

/** Counts up while something goes on. */
export function RunningDuration({ since }: { since: string }) {
  const now = useNow(1000);
  const ms = Math.max(0, now - Date.parse(since));
  return (
    <span title={exactTime(since)} className="tabular whitespace-nowrap">
      {humanDuration(Math.floor(ms / 1000) * 1000 || ms)}
    </span>
  );
}
