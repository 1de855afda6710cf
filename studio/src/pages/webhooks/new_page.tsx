import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { createWebhook } from "../../api/webhooks";
import { listWorkflows } from "../../api/workflows";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { PageHeader } from "../../ui/page_header";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { toast } from "../../ui/toast_store";
import { SAVED } from "../../ui/unsaved_guard";
import { newDraft, settingsOf, type Draft } from "./draft";
import { WebhookForm } from "./webhook_form";

const WORKFLOWS_MAX = 200;

export function NewWebhookPage() {
  useTitle(t.webhooks.create);
  const [params] = useSearchParams();
  const workflows = useQuery({ queryKey: ["workflows", "names"], queryFn: ({ signal }) => listWorkflows("", null, signal, WORKFLOWS_MAX) });
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: (draft: Draft) => createWebhook(settingsOf(draft)),
    onSuccess: (webhook) => {
      void client.invalidateQueries({ queryKey: ["webhooks"] });
      void client.invalidateQueries({ queryKey: ["workflows"] });
      toast({ tone: "success", title: t.webhooks.made });
      void navigate(`/webhooks/${webhook.id}/send`, { state: SAVED });
    },
  });
  const names = workflows.data?.items.map((one) => `${one.namespace}.${one.name}`) ?? [];
  const wanted = params.get("workflow");
  const first = names.find((name) => name === wanted || name.endsWith(`.${wanted}`)) ?? names[0] ?? "";
  return (
    <>
      <PageHeader crumbs={[{ label: t.webhooks.title, to: "/webhooks" }]} title={t.webhooks.create} />
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {workflows.isPending ? (
          <SkeletonBlock label={t.common.loading} />
        ) : (
          <div className="flex max-w-190 flex-col gap-4 px-4 py-6 md:px-6">
            {workflows.isError ? <ProblemPanel error={workflows.error} onRetry={() => void workflows.refetch()} /> : null}
            <WebhookForm initial={newDraft(first)} workflows={names} act={t.webhooks.form.make} busy={make.isPending} error={make.error} onSave={(draft) => make.mutate(draft)} />
          </div>
        )}
      </div>
    </>
  );
}
