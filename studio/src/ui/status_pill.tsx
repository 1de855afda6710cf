import { t } from "../messages";
import { StatusIcon, STATUS_COLOR, type AnyStatus } from "./status_icon";

/** What has no colours of its own shares those of what it is like. */
const TONES: Partial<Record<AnyStatus, string>> = { skipped: "pending", absorbed: "cancelled" };

export function StatusPill({ status, size = "md" }: { status: AnyStatus; size?: "sm" | "md" }) {
  const tone = TONES[status] ?? status;
  return (
    <span
      data-status={status}
      className={`inline-flex shrink-0 items-center gap-1.5 rounded-full border font-medium whitespace-nowrap ${
        size === "sm" ? "h-5 pr-2 pl-1 text-xs" : "h-6 pr-2.5 pl-1.5 text-xs"
      }`}
      style={{
        color: STATUS_COLOR[status],
        background: `var(--${tone}-soft)`,
        borderColor: `var(--${tone}-line)`,
      }}
    >
      <StatusIcon status={status} size={14} />
      {t.status[status]}
    </span>
  );
}

/** The lighter form for dense tables: icon and word, no box. */
export function StatusLabel({ status }: { status: AnyStatus }) {
  return (
    <span data-status={status} className="inline-flex items-center gap-2 whitespace-nowrap">
      <StatusIcon status={status} />
      <span className="text-ink">{t.status[status]}</span>
    </span>
  );
}
