import { useQuery } from "@tanstack/react-query";
import { Bell, BellOff, Plus } from "lucide-react";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PageHeader } from "../../ui/page_header";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonRows } from "../../ui/skeleton";
import { Tabs } from "../../ui/tabs";
import { ChannelDialog } from "./channel_dialog";
import { ChannelRow } from "./channel_row";
import { Messages } from "./messages";
import { RuleDialog } from "./rule_dialog";
import { RuleRow } from "./rule_row";
import { channelsQuery, rulesQuery } from "./use_notifications";

const REFRESH_MS = 5000;

/** Who hears of what: messages, rules, channels. */
export function NotificationsPage() {
  useTitle(t.notifications.title);
  const { tab = "messages" } = useParams();
  const navigate = useNavigate();
  const channels = useQuery({ ...channelsQuery, refetchInterval: REFRESH_MS });
  const rules = useQuery({ ...rulesQuery(""), refetchInterval: REFRESH_MS });
  const [making, setMaking] = useState<"channel" | "rule" | null>(null);
  const n = t.notifications;
  const dialogs = (
    <>
      {making === "channel" ? <ChannelDialog onClose={() => setMaking(null)} /> : null}
      {making === "rule" ? <RuleDialog onClose={() => setMaking(null)} /> : null}
    </>
  );
  const makeChannel = (tone: "primary" | "secondary") => (
    <Button tone={tone} icon={<Plus size={15} />} onClick={() => setMaking("channel")}>
      {n.newChannel}
    </Button>
  );
  const makeRule = (
    <Button tone="primary" icon={<Plus size={15} />} onClick={() => setMaking("rule")}>
      {n.newRule}
    </Button>
  );
  if (channels.isPending || rules.isPending) return <SkeletonRows label={t.common.loading} />;
  const failure = channels.error ?? rules.error;
  if (failure !== null && (channels.data === undefined || rules.data === undefined))
    return <PageProblem error={failure} onRetry={() => void Promise.all([channels.refetch(), rules.refetch()])} />;
  const channelItems = channels.data?.items ?? [];
  const ruleItems = rules.data?.items ?? [];
  if (channelItems.length === 0)
    return (
      <div className="m-auto">
        <EmptyState page icon={<Bell size={18} />} title={n.firstTitle} actions={makeChannel("primary")}>
          {n.firstDetail}
        </EmptyState>
        {dialogs}
      </div>
    );
  return (
    <>
      <PageHeader title={n.title} actions={tab === "channels" ? makeChannel("primary") : makeRule} />
      <Tabs
        label={n.tabs.label}
        value={tab}
        onChange={(next) => void navigate(next === "messages" ? "/notifications" : `/notifications/${next}`)}
        items={[
          { value: "messages", label: n.tabs.messages, content: <Messages /> },
          {
            value: "rules",
            label: n.tabs.rules,
            count: ruleItems.length,
            content:
              ruleItems.length === 0 ? (
                <EmptyState icon={<BellOff size={18} />} title={n.noRules} actions={makeRule}>
                  {n.noRulesDetail}
                </EmptyState>
              ) : (
                <ul aria-label={n.tabs.rules} className="min-h-0 flex-1 overflow-y-auto">
                  {ruleItems.map((one) => (
                    <RuleRow key={one.id} rule={one} />
                  ))}
                </ul>
              ),
          },
          {
            value: "channels",
            label: n.tabs.channels,
            count: channelItems.length,
            content: (
              <ul aria-label={n.tabs.channels} className="min-h-0 flex-1 overflow-y-auto">
                {channelItems.map((one) => (
                  <ChannelRow key={one.id} channel={one} />
                ))}
              </ul>
            ),
          },
        ]}
      />
      {dialogs}
    </>
  );
}
