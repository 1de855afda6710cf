import { clsx } from "clsx";
import { CircleCheck, CircleX, Clock, Layers } from "lucide-react";
import type { ReactNode } from "react";
import type { MessageStatus } from "../../api/notifications";
import { t } from "../../messages";

const LOOKS: Record<MessageStatus, { icon: ReactNode; tone: string }> = {
  pending: { icon: <Clock size={14} />, tone: "text-waiting" },
  delivered: { icon: <CircleCheck size={14} />, tone: "text-completed" },
  given_up: { icon: <CircleX size={14} />, tone: "text-faulted" },
  grouped: { icon: <Layers size={14} />, tone: "text-soft" },
};

/** What became of a message: a shape and a word, coloured. */
export function StatusLabel({ status }: { status: MessageStatus }) {
  const { icon, tone } = LOOKS[status];
  return (
    <span data-status={status} className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap", tone)}>
      {icon}
      {t.notifications.statuses[status]}
    </span>
  );
}
