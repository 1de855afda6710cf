import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Eye, EyeOff, PauseCircle, PlayCircle, Trash2, TriangleAlert, Webhook as WebhookIcon } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { asProblem } from "../../api/problem";
import { webhookQuery, workflowQuery } from "../../api/queries";
import { changeWebhook, deleteWebhook, type Webhook, type WebhookSettings } from "../../api/webhooks";
import { listWorkflows } from "../../api/workflows";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { useTitle } from "../../lib/use_title";
import { webhookCurl } from "../../lib/webhook_curl";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { CodeBlock } from "../../ui/code_block";
import { CopyButton } from "../../ui/copy_button";
import { Dialog } from "../../ui/dialog";
import { EmptyState } from "../../ui/empty_state";
import { Menu, MenuItem } from "../../ui/menu";
import { PageHeader } from "../../ui/page_header";
import { PageProblem, ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { Tabs } from "../../ui/tabs";
import { toast } from "../../ui/toast_store";
import { draftOf, settingsOf, variableOf, type Draft } from "./draft";
import { Requests } from "./requests";
import { WebhookForm } from "./webhook_form";

const REFRESH_MS = 5000;

export function WebhookPage() {
  const { id = "", tab = "requests" } = useParams();
  const query = useQuery({ ...webhookQuery(id), refetchInterval: REFRESH_MS });
  const navigate = useNavigate();
  useTitle(query.data?.url ?? t.webhooks.one);
  const webhook = query.data;
  if (webhook === undefined) {
    if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
    if (asProblem(query.error).status === 404 || asProblem(query.error).status === 400) return <Missing />;
    return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <>
      <Head webhook={webhook} />
      <Notices webhook={webhook} />
      <Tabs
        label={t.webhooks.tabs.label}
        value={tab}
        onChange={(next) => void navigate(`/webhooks/${id}${next === "requests" ? "" : `/${next}`}`, { replace: true })}
        items={[
          { value: "requests", label: t.webhooks.tabs.requests, content: <Requests webhook={webhook} /> },
          { value: "settings", label: t.webhooks.tabs.settings, content: <Settings webhook={webhook} /> },
          { value: "send", label: t.webhooks.tabs.send, content: <Send webhook={webhook} /> },
        ]}
      />
    </>
  );
}

function Missing() {
  return (
    <div className="m-auto">
      <EmptyState
        page
        icon={<WebhookIcon size={18} />}
        title={t.webhooks.notFound}
        actions={
          <Link to="/webhooks" className={buttonClass()}>
            {t.webhooks.toWebhooks}
          </Link>
        }
      />
    </div>
  );
}

/** Changes some of it, and says so, with a way back. */
function useChange(webhook: Webhook) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ settings }: { settings: Partial<WebhookSettings> & { workflow?: string }; undo?: Partial<WebhookSettings> }) => changeWebhook(webhook.id, settings),
    onSuccess: (changed, { undo }) => {
      client.setQueryData(webhookQuery(webhook.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["webhooks", "list"] });
      const back = () => void changeWebhook(webhook.id, undo ?? {}).then((before) => client.setQueryData(webhookQuery(webhook.id).queryKey, before));
      toast({ tone: "success", title: t.webhooks.saved, ...(undo === undefined ? {} : { action: { label: t.common.undo, run: back } }) });
    },
  });
}

function Head({ webhook }: { webhook: Webhook }) {
  const [deleting, setDeleting] = useState(false);
  const change = useChange(webhook);
  const { enabled, capture } = webhook;
  return (
    <>
      <PageHeader
        crumbs={[{ label: t.webhooks.title, to: "/webhooks" }]}
        title={
          <span className="inline-flex max-w-full items-baseline gap-2.5">
            <span className="shrink-0 font-mono text-sm font-semibold text-completed">{webhook.methods.join(" ")}</span>
            <span className="truncate font-mono text-base font-medium tracking-normal">{webhook.url}</span>
          </span>
        }
        aside={<CopyButton text={location.origin + webhook.url} label={t.webhooks.copyUrl} />}
        note={
          <>
            {t.webhooks.starts}{" "}
            <Link to={workflowPath(qualifiedName(webhook), "triggers")} className="rounded-sm text-accent-ink underline underline-offset-2">
              {webhook.workflow}
            </Link>
            {webhook.description === "" ? null : ` · ${webhook.description}`}
          </>
        }
        actions={
          <>
            <Button
              icon={capture ? <EyeOff size={14} /> : <Eye size={14} />}
              busy={change.isPending}
              onClick={() => change.mutate({ settings: { capture: !capture }, undo: { capture } })}
            >
              {capture ? t.webhooks.stopCapture : t.webhooks.capture}
            </Button>
            <Menu
              trigger={
                <Button aria-label={t.webhooks.more} className="px-2!">
                  <Ellipsis size={15} />
                </Button>
              }
            >
              <MenuItem icon={enabled ? <PauseCircle size={14} /> : <PlayCircle size={14} />} onSelect={() => change.mutate({ settings: { enabled: !enabled }, undo: { enabled } })}>
                {enabled ? t.webhooks.disable : t.webhooks.enable}
              </MenuItem>
              <MenuItem icon={<Trash2 size={14} />} onSelect={() => setDeleting(true)}>
                {t.webhooks.remove}
              </MenuItem>
            </Menu>
          </>
        }
      />
      {change.isError ? (
        <div className="px-4 pb-3 md:px-6">
          <ProblemPanel error={change.error} />
        </div>
      ) : null}
      {deleting ? <DeleteDialog webhook={webhook} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

function DeleteDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteWebhook(webhook.id),
    onSuccess: () => {
      toast({ tone: "success", title: t.webhooks.removed });
      client.removeQueries({ queryKey: webhookQuery(webhook.id).queryKey });
      void client.invalidateQueries({ queryKey: ["webhooks", "list"] });
      void client.invalidateQueries({ queryKey: ["workflows"] });
      void navigate("/webhooks");
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      width="sm"
      title={t.webhooks.removeTitle}
      description={t.webhooks.removeDetail(webhook.url)}
      onSubmit={() => remove.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="danger" type="submit" busy={remove.isPending}>
            {t.webhooks.remove}
          </Button>
        </>
      }
    >
      {remove.isError ? <ProblemPanel error={remove.error} /> : null}
    </Dialog>
  );
}

/** What somebody should know who wonders why nothing starts. */
function Notices({ webhook }: { webhook: Webhook }) {
  const { secret = "" } = webhook.authentication;
  return (
    <>
      {webhook.enabled ? null : <Notice icon={<PauseCircle size={15} className="text-soft" />} title={t.webhooks.disabled} detail={t.webhooks.disabledDetail} />}
      {webhook.capture ? <Notice icon={<Eye size={15} className="text-waiting" />} title={t.webhooks.capturing} detail={t.webhooks.capturingDetail} /> : null}
      {webhook.secret_found ? null : (
        <Notice icon={<TriangleAlert size={15} className="text-faulted" />} title={t.webhooks.secretMissing(secret)} detail={t.webhooks.secretHow(variableOf(secret), secret)} />
      )}
    </>
  );
}

function Notice({ icon, title, detail }: { icon: ReactNode; title: string; detail: string }) {
  return (
    <p className="mx-4 mb-3 flex items-start gap-2 rounded-md border bg-sunken px-3 py-2 text-sm md:mx-6">
      <span className="mt-0.5 shrink-0">{icon}</span>
      <span className="min-w-0">
        <span className="font-medium">{title}</span> <span className="text-soft">{detail}</span>
      </span>
    </p>
  );
}

function Settings({ webhook }: { webhook: Webhook }) {
  const change = useChange(webhook);
  const workflows = useQuery({ queryKey: ["workflows", "names"], queryFn: ({ signal }) => listWorkflows("", null, signal, 200) });
  const names = workflows.data?.items.map((one) => `${one.namespace}.${one.name}`) ?? [];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="max-w-190 px-4 pt-6 md:px-6">
        <WebhookForm
          key={webhook.updated_at}
          initial={draftOf(webhook)}
          workflows={names}
          act={t.webhooks.form.save}
          busy={change.isPending}
          error={change.error}
          onSave={(draft: Draft) => change.mutate({ settings: settingsOf(draft) })}
        />
      </div>
    </div>
  );
}

function Send({ webhook }: { webhook: Webhook }) {
  const workflow = useQuery(workflowQuery(qualifiedName(webhook)));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-190 flex-col gap-4 px-4 py-6 md:px-6">
        <p className="text-sm text-soft">{webhook.authentication.type === "none" ? t.webhooks.send.plain : t.webhooks.send.detail}</p>
        {workflow.isPending ? <SkeletonBlock label={t.common.loading} /> : <CodeBlock code={webhookCurl(location.origin, webhook, workflow.data?.sample_input ?? {})} label={t.webhooks.send.curl} />}
      </div>
    </div>
  );
}
