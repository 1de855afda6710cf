import { useInfiniteQuery } from "@tanstack/react-query";
import { MailCheck, RotateCw } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import type { Message } from "../../api/notifications";
import { itemsOf } from "../../api/queries";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { PagedList } from "../../ui/paged_list";
import { Segmented } from "../../ui/segmented";
import { RelativeTime } from "../../ui/time_text";
import { StatusLabel } from "./status_label";
import { messagesQuery, useRetry } from "./use_notifications";

const REFRESH_MS = 3000;
const SHOWN = ["", "pending", "given_up"] as const;

/** What was told lately, and what the other side has said. */
export function Messages() {
  const [params, setParams] = useSearchParams();
  const status = SHOWN.find((one) => one === params.get("status")) ?? "";
  const query = useInfiniteQuery({ ...messagesQuery(status), refetchInterval: REFRESH_MS });
  const items = itemsOf(query.data);
  const n = t.notifications;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex border-b px-4 py-2.5 md:px-6">
        <Segmented
          label={n.tabs.messages}
          value={status}
          onChange={(next) => setParams(next === "" ? {} : { status: next }, { replace: true })}
          options={[
            { value: "", label: n.all },
            { value: "pending", label: n.statuses.pending },
            { value: "given_up", label: n.statuses.given_up },
          ]}
        />
      </div>
      <PagedList
        query={query}
        items={items}
        label={n.tabs.messages}
        row={(one) => <MessageRow key={one.id} message={one} />}
        empty={
          <EmptyState icon={<MailCheck size={18} />} title={status === "" ? n.noMessages : n.noMessagesSo}>
            {status === "" ? n.noMessagesDetail : undefined}
          </EmptyState>
        }
      />
    </div>
  );
}

/** Below this Studio's own address; one that was told under another address is not followed. */
function placeOf(message: Message): string {
  if (message.execution !== null) return `/executions/${message.execution}`;
  const url = URL.canParse(message.url) ? new URL(message.url) : null;
  return url === null ? "/notifications" : url.pathname + url.search;
}

function MessageRow({ message }: { message: Message }) {
  const retry = useRetry(message);
  const n = t.notifications;
  const { answer } = message;
  const said = answer === null ? "" : (answer.error ?? n.answered(answer.status, answer.text));
  return (
    <li className="relative flex min-h-15 items-center gap-4 border-b px-4 py-2.5 hover:bg-hover md:px-6">
      <div className="min-w-0 flex-1">
        <Link to={placeOf(message)} title={n.open} className="block truncate font-medium -outline-offset-2 after:absolute after:inset-0">
          {message.subject}
        </Link>
        <p className="truncate text-sm text-soft">
          {[message.channel_name, message.rule_name, said].filter((part) => part !== null && part !== "").join(" · ")}
        </p>
      </div>
      {message.status === "given_up" ? (
        <Button size="sm" icon={<RotateCw size={13} />} busy={retry.isPending} onClick={() => retry.mutate()} className="z-10">
          {n.retry}
        </Button>
      ) : null}
      <div className="flex shrink-0 flex-col items-end text-sm text-soft">
        <StatusLabel status={message.status} />
        <span className="text-xs">
          {message.attempts > 1 ? `${n.attempts(message.attempts)} · ` : ""}
          <RelativeTime iso={message.ended_at ?? message.created_at} />
        </span>
      </div>
    </li>
  );
}
