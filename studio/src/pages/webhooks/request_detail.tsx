import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, ListVideo, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { webhookRequestsQuery } from "../../api/queries";
import { replayRequest, type SeenRequest, type Webhook } from "../../api/webhooks";
import { exactTime, humanDuration } from "../../lib/time";
import { t } from "../../messages";
import { Button, buttonClass } from "../../ui/button";
import { JsonTree } from "../../ui/json_tree";
import { ProblemPanel } from "../../ui/problem_panel";
import { toast } from "../../ui/toast_store";
import { ResultLabel } from "./result_label";

interface Props {
  webhook: Webhook;
  seen: SeenRequest;
  onBack: (() => void) | undefined;
  onReplayed: (id: string | null) => void;
}

/** What one request brought, and what became of it. */
export function RequestDetail({ webhook, seen, onBack, onReplayed }: Props) {
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: () => replayRequest(webhook.id, seen.id),
    onSuccess: async () => {
      toast({ tone: "success", title: t.webhooks.requests.replayed });
      await client.invalidateQueries({ queryKey: webhookRequestsQuery(webhook.id).queryKey });
      onReplayed(null);
    },
  });
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex flex-col gap-5 px-4 py-4 md:px-6">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
          {onBack === undefined ? null : (
            <Button size="sm" tone="ghost" icon={<ArrowLeft size={14} />} onClick={onBack}>
              {t.webhooks.requests.back}
            </Button>
          )}
          <h2 className="min-w-fit flex-1 text-base font-semibold">
            <ResultLabel result={seen.result} />
          </h2>
          {seen.execution === null ? null : (
            <Link to={`/executions/${seen.execution}`} className={buttonClass("secondary", "sm")}>
              <ListVideo size={14} />
              {t.webhooks.requests.run}
            </Link>
          )}
          {seen.can_be_replayed ? (
            <Button size="sm" icon={<RotateCw size={14} />} busy={replay.isPending} title={t.webhooks.requests.replayHint} onClick={() => replay.mutate()}>
              {t.webhooks.requests.replay}
            </Button>
          ) : null}
        </header>
        {seen.reason === null ? null : <p className="text-sm break-words">{seen.reason}</p>}
        {replay.isError ? <ProblemPanel error={replay.error} /> : null}
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-soft">
          <span className="font-mono text-xs">
            {seen.method} /hooks/{seen.path}
          </span>
          <span>
            {t.webhooks.requests.answer} <span className="tabular text-ink">{seen.status}</span>
          </span>
          <span>
            {t.webhooks.requests.took} <span className="tabular text-ink">{humanDuration(seen.duration_us / 1000)}</span>
          </span>
          <time dateTime={seen.at}>{exactTime(seen.at)}</time>
        </p>
        <Body seen={seen} />
        {Object.keys(seen.query).length === 0 ? null : (
          <Part title={t.webhooks.requests.query}>
            <Pairs pairs={Object.entries(seen.query)} />
          </Part>
        )}
        <Part title={t.webhooks.requests.headers}>
          <Pairs pairs={Object.entries(seen.headers)} hidden={seen.hidden_headers} />
        </Part>
      </div>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}

function Body({ seen }: { seen: SeenRequest }) {
  if (seen.body_bytes === 0) return null;
  const text = seen.body_text;
  return (
    <Part title={t.webhooks.requests.body}>
      {text === null ? (
        <JsonTree value={seen.body} label={t.webhooks.requests.body} />
      ) : (
        <>
          <pre tabIndex={0} aria-label={t.webhooks.requests.body} className="max-h-80 overflow-auto rounded-md border bg-sunken px-3.5 py-3 text-xs leading-5 break-words whitespace-pre-wrap">
            {text}
          </pre>
          <p className="mt-1 text-xs text-dim">{t.webhooks.requests.bodyCut(`${seen.body_bytes.toLocaleString("en")} bytes`)}</p>
        </>
      )}
    </Part>
  );
}

function Pairs({ pairs, hidden = [] }: { pairs: [string, string][]; hidden?: string[] }) {
  return (
    <dl className="grid grid-cols-[minmax(0,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-md border bg-sunken px-3.5 py-2.5 font-mono text-xs leading-5">
      {pairs.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="truncate text-(--syntax-key)">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
      {hidden.map((name) => (
        <div key={name} className="contents">
          <dt className="truncate text-(--syntax-key)">{name}</dt>
          <dd className="font-sans text-dim">{t.webhooks.requests.hidden}</dd>
        </div>
      ))}
    </dl>
  );
}
