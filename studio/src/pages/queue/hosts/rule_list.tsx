import { Pencil } from "lucide-react";
import type { HostRule } from "../../../api/hosts";
import { t } from "../../../messages";
import { IconButton } from "../../../ui/icon_button";
import { draftOf } from "./host_draft";

/** What a rule says, in a line. */
export function summaryOf(rule: HostRule): string {
  const draft = draftOf(rule.rules);
  const s = t.hosts.summary;
  const parts = [
    draft.atOnce === "" ? null : s.atOnce(Number(draft.atOnce)),
    draft.rate === "" ? null : s.rate(Number(draft.rate), draft.period),
    !draft.breaker || (draft.inARow === "" && draft.percent !== "") ? null : s.inARow(Number(draft.inARow || 5)),
    draft.breaker && draft.percent !== "" ? s.percent(Number(draft.percent)) : null,
    draft.breaker && draft.whenOpen === "wait" ? s.wait : null,
  ];
  return parts.filter((part) => part !== null).join(", ") || s.nothing;
}

export function RuleList({ rules, onEdit }: { rules: HostRule[]; onEdit: (rule: HostRule) => void }) {
  if (rules.length === 0) return <p className="rounded-lg border bg-surface px-4 py-4 text-sm text-soft">{t.hosts.noRules}</p>;
  return (
    <ul aria-label={t.hosts.rules} className="divide-y overflow-hidden rounded-lg border bg-surface">
      {rules.map((rule) => (
        <li key={rule.host} data-host-rule={rule.host} className="flex min-h-11 items-center gap-x-4 px-4 py-1.5 text-sm">
          <div className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 gap-y-0.5">
            <span className="min-w-0 truncate font-mono text-xs md:w-64" title={rule.host}>
              {rule.host}
            </span>
            <span className="min-w-0 text-soft max-md:w-full">{summaryOf(rule)}</span>
          </div>
          <IconButton label={t.hosts.edit(rule.host)} icon={<Pencil size={14} />} onClick={() => onEdit(rule)} />
        </li>
      ))}
    </ul>
  );
}
