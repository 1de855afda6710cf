import { Mail, MessageSquare, Send, TriangleAlert, Webhook } from "lucide-react";
import { useState } from "react";
import type { Channel } from "../../api/notifications";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { ChannelDialog } from "./channel_dialog";
import { ConfirmDialog } from "./confirm_dialog";
import { EditMenu } from "./edit_menu";
import { StatusLabel } from "./status_label";
import { useChannelActs } from "./use_notifications";

const ICONS = { webhook: <Webhook size={16} />, slack: <MessageSquare size={16} />, email: <Mail size={16} /> };

function addressOf(channel: Channel): string {
  if (channel.type === "email") return (channel.to ?? []).join(", ");
  return channel.url ?? t.notifications.secretAddress(channel.url_secret ?? "");
}

/** Where messages go, how the last one fared, and a button to try it. */
export function ChannelRow({ channel }: { channel: Channel }) {
  const { toggle, remove, test } = useChannelActs(channel);
  const [asked, setAsked] = useState<"edit" | "remove" | null>(null);
  const n = t.notifications;
  return (
    <li className="flex min-h-15 flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2.5 last:border-b-0 md:px-6">
      <span className="text-dim">{ICONS[channel.type]}</span>
      <div className="min-w-0 flex-1 basis-48">
        <div className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{channel.name}</span>
          {channel.enabled ? null : <Badge>{n.disabled}</Badge>}
          {channel.missing_secrets.map((name) => (
            <Badge key={name} title={n.missing(name)}>
              <TriangleAlert size={11} className="text-faulted" /> {n.noSecret}
            </Badge>
          ))}
        </div>
        <p className="truncate text-sm text-soft">{addressOf(channel)}</p>
      </div>
      <div className="flex min-w-0 items-center gap-3 text-sm text-soft max-md:w-full max-md:order-last max-md:pl-8">
        {channel.pending > 0 ? <Badge>{n.pending(channel.pending)}</Badge> : null}
        {channel.last === null ? (
          channel.pending === 0 && <span className="text-dim">{n.nothingSent}</span>
        ) : (
          <>
            <StatusLabel status={channel.last.status} />
            <RelativeTime iso={channel.last.ended_at ?? channel.last.created_at} />
          </>
        )}
      </div>
      <Button size="sm" icon={<Send size={13} />} busy={test.isPending} onClick={() => test.mutate()} aria-label={`${n.test}: ${channel.name}`}>
        {n.test}
      </Button>
      <EditMenu name={channel.name} enabled={channel.enabled} onEdit={() => setAsked("edit")} onToggle={() => toggle.mutate()} onRemove={() => setAsked("remove")} />
      {asked === "edit" ? <ChannelDialog channel={channel} onClose={() => setAsked(null)} /> : null}
      {asked === "remove" ? <ConfirmDialog title={n.removeChannel(channel.name)} detail={n.removeChannelDetail} act={remove} onClose={() => setAsked(null)} /> : null}
    </li>
  );
}
