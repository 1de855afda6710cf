import { Eye, KeyRound, LockOpen, PauseCircle, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import type { Webhook } from "../../api/webhooks";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { CopyButton } from "../../ui/copy_button";
import { RelativeTime } from "../../ui/time_text";
import { ResultLabel } from "./result_label";

/** Where requests go, what they start, who may send them, and how the last one did. */
export function WebhookRow({ webhook, workflowShown = true }: { webhook: Webhook; workflowShown?: boolean }) {
  const { last_request: last } = webhook;
  return (
    <li className="relative flex min-h-15 items-center gap-4 border-b px-4 py-2.5 last:border-b-0 hover:bg-hover md:px-6">
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <span className="shrink-0 font-mono text-xs font-semibold text-completed">{webhook.methods.join(" ")}</span>
          <Link to={`/webhooks/${webhook.id}`} className="truncate font-mono text-xs font-medium -outline-offset-2 after:absolute after:inset-0">
            {webhook.url}
          </Link>
          <CopyButton text={location.origin + webhook.url} label={t.webhooks.copyUrl} className="z-10 -my-1" />
        </div>
        <p className="flex min-w-0 flex-wrap items-center gap-x-3 text-sm text-soft">
          {workflowShown ? (
            <span className="truncate">
              {t.webhooks.starts} <span className="text-ink">{webhook.workflow}</span>
            </span>
          ) : null}
          {webhook.description === "" ? null : <span className="truncate">{webhook.description}</span>}
        </p>
      </div>
      <div className="flex shrink-0 items-center gap-2 max-md:hidden">
        <State webhook={webhook} />
        <Who webhook={webhook} />
      </div>
      <div className="flex w-44 shrink-0 items-center justify-end gap-3 text-sm text-soft max-sm:w-auto max-sm:flex-col max-sm:items-end max-sm:gap-0">
        {last === null ? (
          <span className="text-dim max-sm:hidden">{t.webhooks.never}</span>
        ) : (
          <>
            <ResultLabel result={last.result} />
            <RelativeTime iso={last.at} />
          </>
        )}
      </div>
    </li>
  );
}

function State({ webhook }: { webhook: Webhook }) {
  if (!webhook.enabled)
    return (
      <Badge title={t.webhooks.disabledDetail}>
        <PauseCircle size={11} /> {t.webhooks.disabled}
      </Badge>
    );
  if (!webhook.capture) return null;
  return (
    <Badge title={t.webhooks.capturingDetail}>
      <Eye size={11} /> {t.webhooks.capturing}
    </Badge>
  );
}

function Who({ webhook }: { webhook: Webhook }) {
  const { type, secret = "" } = webhook.authentication;
  const { label } = t.webhooks.schemes[type];
  if (!webhook.secret_found)
    return (
      <Badge title={t.webhooks.secretMissing(secret)}>
        <TriangleAlert size={11} className="text-faulted" /> {label}
      </Badge>
    );
  return (
    <Badge title={type === "none" ? t.webhooks.open : t.webhooks.schemes[type].detail}>
      {type === "none" ? <LockOpen size={11} /> : <KeyRound size={11} />} {label}
    </Badge>
  );
}
