import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { workflowQuery } from "../../api/queries";
import type { Json } from "../../api/types";
import { startSnippets, type Snippet } from "../../lib/snippets";
import { t } from "../../messages";
import { CodeBlock } from "../../ui/code_block";
import { Segmented } from "../../ui/segmented";
import { SkeletonBlock } from "../../ui/skeleton";
import { WorkflowWebhooks } from "./workflow_webhooks";

const WorkflowNotifications = lazy(() => import("./workflow_notifications"));
const SchedulePanel = lazy(() => import("./schedule_panel"));

/** How runs begin: by time or events, by a webhook, by the API; and who is told of them. */
export function TriggersTab({ name, sampleInput }: { name: string; sampleInput: Json }) {
  // The current version is the one that starts, whichever is looked at.
  const latest = useQuery(workflowQuery(name));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex max-w-190 flex-col gap-10 px-4 py-6 md:px-6">
        <section>
          <h2 className="text-base font-semibold">{t.schedules.triggers.title}</h2>
          <p className="mt-0.5 mb-4 text-sm text-soft">{t.schedules.triggers.detail}</p>
          {latest.data === undefined ? (
            loading
          ) : (
            <Suspense fallback={loading}>
              <SchedulePanel workflow={`${latest.data.namespace}.${latest.data.name}`} />
            </Suspense>
          )}
        </section>
        <section>
          <h2 className="text-base font-semibold">{t.webhooks.title}</h2>
          <p className="mt-0.5 mb-4 text-sm text-soft">{t.webhooks.detail}</p>
          <WorkflowWebhooks name={name} />
        </section>
        <section>
          <h2 className="text-base font-semibold">{t.notifications.workflow.title}</h2>
          <p className="mt-0.5 mb-4 text-sm text-soft">{t.notifications.workflow.detail}</p>
          {latest.data === undefined ? (
            loading
          ) : (
            <Suspense fallback={loading}>
              <WorkflowNotifications workflow={`${latest.data.namespace}.${latest.data.name}`} />
            </Suspense>
          )}
        </section>
        <ApiSection name={name} sampleInput={sampleInput} />
      </div>
    </div>
  );
}

const loading = <SkeletonBlock label={t.common.loading} />;

function ApiSection({ name, sampleInput }: { name: string; sampleInput: Json }) {
  const [shown, setShown] = useState<Snippet["id"]>("curl");
  const snippets = startSnippets(location.origin, name, sampleInput);
  const snippet = snippets.find((one) => one.id === shown);
  return (
    <section>
      <div className="mb-4 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-base font-semibold">{t.api.title}</h2>
          <p className="mt-0.5 text-sm text-soft">{t.api.detail}</p>
        </div>
        <Segmented label={t.api.language} value={shown} onChange={setShown} options={snippets.map((one) => ({ value: one.id, label: one.label }))} />
      </div>
      {snippet === undefined ? null : <CodeBlock code={snippet.code} label={t.api.snippet(snippet.label)} />}
    </section>
  );
}
