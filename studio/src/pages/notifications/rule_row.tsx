import { useState } from "react";
import type { Rule } from "../../api/notifications";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { ConfirmDialog } from "./confirm_dialog";
import { EditMenu } from "./edit_menu";
import { RuleDialog } from "./rule_dialog";
import { useRuleActs } from "./use_notifications";

/** What is told, of what, through which channels. */
export function RuleRow({ rule, workflowsShown = true }: { rule: Rule; workflowsShown?: boolean }) {
  const { toggle, remove } = useRuleActs(rule);
  const [asked, setAsked] = useState<"edit" | "remove" | null>(null);
  const n = t.notifications;
  const workflows = rule.workflows.length === 0 ? n.everything : rule.workflows.join(", ");
  return (
    <li className="flex min-h-15 items-center gap-4 border-b px-4 py-2.5 last:border-b-0 md:px-6">
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{rule.name}</span>
          {rule.enabled ? null : <Badge>{n.disabled}</Badge>}
        </div>
        <p className="truncate text-sm text-soft">{rule.on.map((one) => n.occasions[one].label).join(" · ")}</p>
      </div>
      {workflowsShown ? <span className="max-w-60 truncate text-sm text-soft max-lg:hidden">{workflows}</span> : null}
      <div className="flex max-w-60 shrink-0 flex-wrap justify-end gap-1.5 max-sm:hidden">
        {rule.channel_names.map((name, index) => (
          <Badge key={rule.channels[index]}>{name}</Badge>
        ))}
      </div>
      <EditMenu name={rule.name} enabled={rule.enabled} onEdit={() => setAsked("edit")} onToggle={() => toggle.mutate()} onRemove={() => setAsked("remove")} />
      {asked === "edit" ? <RuleDialog rule={rule} onClose={() => setAsked(null)} /> : null}
      {asked === "remove" ? <ConfirmDialog title={n.removeRule(rule.name)} detail={n.removeRuleDetail} act={remove} onClose={() => setAsked(null)} /> : null}
    </li>
  );
}
