import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { deploymentQuery } from "../../api/queries";
import type { Json, Webhook } from "../../api/types";
import { saveDeployment, type WebhookDraft } from "../../api/workflows";
import { webhookCurl } from "../../lib/snippets";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { CodeBlock } from "../../ui/code_block";
import { CopyButton } from "../../ui/copy_button";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";
import { WebhookForm } from "./webhook_form";

interface Props {
  name: string;
  webhook: Webhook | null;
  sampleInput: Json;
}

export function WebhookPanel({ name, webhook, sampleInput }: Props) {
  const [editing, setEditing] = useState(false);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (draft: WebhookDraft | null) => saveDeployment(name, { webhook: draft }),
    onSuccess: (deployment, draft) => {
      client.setQueryData(deploymentQuery(name).queryKey, deployment);
      void client.invalidateQueries({ queryKey: ["workflows"] });
      setEditing(false);
      if (draft === null && webhook !== null) {
        const { path, method, wait } = webhook;
        toast({
          tone: "success",
          title: t.webhook.removed,
          action: { label: t.common.undo, run: () => save.mutate({ path, method, wait: wait ?? undefined }) },
        });
      } else {
        toast({ tone: "success", title: t.webhook.saved });
      }
    },
  });
  const problem = save.isError ? <ProblemPanel error={save.error} /> : null;
  if (editing) {
    return (
      <div className="flex flex-col gap-3">
        <WebhookForm name={name} webhook={webhook} busy={save.isPending} onSave={(draft) => save.mutate(draft)} onCancel={() => setEditing(false)} />
        {problem}
      </div>
    );
  }
  if (webhook === null) {
    return (
      <div className="flex flex-col gap-3">
        <div>
          <Button icon={<WebhookIcon size={14} />} onClick={() => setEditing(true)}>
            {t.webhook.add}
          </Button>
        </div>
        {problem}
      </div>
    );
  }
  const url = location.origin + webhook.url;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2 rounded-md border bg-surface py-1.5 pr-1.5 pl-3">
        <span className="font-mono text-xs font-semibold text-completed">{webhook.method}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{url}</span>
        <CopyButton text={url} label={t.webhook.copyUrl} />
        <Button size="sm" onClick={() => setEditing(true)}>
          {t.common.edit}
        </Button>
        <Button size="sm" tone="ghost" busy={save.isPending} onClick={() => save.mutate(null)}>
          {t.webhook.remove}
        </Button>
      </div>
      <p className="text-sm text-soft">{webhook.wait ? t.webhook.waits(webhook.wait) : t.webhook.answersAtOnce}</p>
      <CodeBlock code={webhookCurl(location.origin, webhook.url, webhook.method, sampleInput)} label={t.webhook.curl} />
      {problem}
    </div>
  );
}
