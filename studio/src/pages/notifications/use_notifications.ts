import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { changeChannel, changeRule, deleteChannel, deleteRule, listChannels, listMessages, listRules, retryMessage, testChannel, type Channel, type Message, type Rule } from "../../api/notifications";
import { byCursor } from "../../api/queries";
import { t } from "../../messages";
import { toast } from "../../ui/toast_store";

export const channelsQuery = queryOptions({ queryKey: ["notifications", "channels"], queryFn: ({ signal }) => listChannels(signal) });
export const rulesQuery = (workflow: string) => queryOptions({ queryKey: ["notifications", "rules", workflow], queryFn: ({ signal }) => listRules(workflow, signal) });
export const messagesQuery = (status: string) =>
  infiniteQueryOptions({
    queryKey: ["notifications", "messages", status],
    queryFn: ({ pageParam, signal }) => listMessages(status, pageParam, signal),
    ...byCursor,
  });

const failed = (error: Error) => toast({ tone: "error", title: error.message });

/** Everything about notifications is read anew after each act: they hang together. */
function useAct(act: () => Promise<unknown>, done: string) {
  const client = useQueryClient();
  return useMutation<unknown, Error, void>({
    mutationFn: act,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["notifications"] });
      toast({ tone: "success", title: done });
    },
    onError: failed,
  });
}

export function useChannelActs(channel: Channel) {
  const n = t.notifications;
  const toggle = useAct(() => changeChannel(channel.id, { enabled: !channel.enabled }), n.saved);
  const remove = useAct(() => deleteChannel(channel.id), n.removed);
  const test = useMutation({
    mutationFn: () => testChannel(channel.id),
    onSuccess: (answer) =>
      toast(
        answer.delivered
          ? { tone: "success", title: n.tested, detail: n.answered(answer.status, answer.text) }
          : { tone: "error", title: n.testFailed, detail: [answer.error, answer.text].filter((part) => part !== null).join(": ") },
      ),
    onError: failed,
  });
  return { toggle, remove, test };
}

export function useRuleActs(rule: Rule) {
  const n = t.notifications;
  const toggle = useAct(() => changeRule(rule.id, { enabled: !rule.enabled }), n.saved);
  const remove = useAct(() => deleteRule(rule.id), n.removed);
  return { toggle, remove };
}

export const useRetry = (message: Message) => useAct(() => retryMessage(message.id), t.notifications.retrying);
