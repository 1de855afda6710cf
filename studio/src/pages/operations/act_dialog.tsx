import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { actsFor, filterJson, previewOperation, QUEUED_ACTS, startOperation, type BulkAct, type OperationFilter, type OperationPreview } from "../../api/operations";
import type { Json } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input, Select } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { Spinner } from "../../ui/spinner";
import { StatusLabel } from "../../ui/status_pill";
import { toast } from "../../ui/toast_store";

const DANGEROUS = new Set<BulkAct>(["cancel", "delete", "fail"]);

interface Props {
  filter: OperationFilter;
  /** What is proposed first. */
  act?: BulkAct;
  onClose: () => void;
}

/** What would be done to how many, and the begin of it. */
export function ActDialog({ filter, act: proposed, onClose }: Props) {
  const acts = actsFor(filter);
  const [act, setAct] = useState<BulkAct>(proposed ?? acts[0] ?? "redrive");
  const [priority, setPriority] = useState(1);
  const [text, setText] = useState("");
  const [output, setOutput] = useState("{}");
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const parsed = parseJson(output);
  const more = ((): Record<string, Json> | null => {
    if (act === "migrate") return text.trim() === "" ? null : { version: text.trim() };
    if (act === "fork") return text.trim() === "" ? null : { task: text.trim() };
    if (act === "complete") return parsed.ok ? { output: parsed.value } : null;
    if (act === "prioritize") return { priority };
    return act === "fail" ? { error: {} } : {};
  })();
  // How many match depends on the filter, and on whether the act reaches what waits in the queue.
  const asked: BulkAct = QUEUED_ACTS.includes(act) ? act : "pause";
  const preview = useQuery({
    queryKey: ["operations", "preview", asked, filterJson(filter)],
    queryFn: ({ signal }) => previewOperation(asked, filter, asked === "prioritize" ? { priority: 1 } : {}, signal),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: () => startOperation(act, filter, more ?? {}, reason.trim()),
    onSuccess: (operation) => {
      void client.invalidateQueries({ queryKey: ["operations"] });
      toast({ tone: "success", title: t.operations.started });
      onClose();
      void navigate(`/operations/${operation.id}`);
    },
  });
  const found = preview.data;
  return (
    <Dialog
      open
      width="md"
      onClose={onClose}
      title={t.operations.dialog}
      description={t.operations.what[act]}
      onSubmit={() => start.mutate()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone={DANGEROUS.has(act) ? "danger" : "primary"} type="submit" busy={start.isPending} disabled={more === null || found === undefined || found.count === 0}>
            {found === undefined ? t.operations.acts[act] : t.operations.start(t.operations.acts[act], found.count, found.at_least)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t.operations.act}>
          {(props) => (
            <Select {...props} value={act} onChange={(event) => setAct(event.target.value as BulkAct)}>
              {acts.map((one) => (
                <option key={one} value={one}>
                  {t.operations.acts[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {act === "migrate" || act === "fork" ? (
          <Field label={act === "migrate" ? t.operations.version : t.operations.task}>
            {(props) => <Input {...props} value={text} placeholder={act === "migrate" ? "2.0.0" : "/do/1/charge"} spellCheck={false} className="font-mono text-xs" onChange={(event) => setText(event.target.value)} />}
          </Field>
        ) : null}
        {act === "prioritize" ? (
          <Field label={t.operations.priority}>
            {(props) => (
              <Select {...props} value={String(priority)} onChange={(event) => setPriority(Number(event.target.value))}>
                {Object.entries(t.flow.list.priorities).map(([value, name]) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {act === "complete" ? <JsonField label={t.operations.output} hint={t.repair.outputHint} value={output} onChange={setOutput} /> : null}
        <Field label={t.cancel.reason} hint={t.cancel.reasonHint}>
          {(props) => <Input {...props} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} />}
        </Field>
        {preview.isError ? <ProblemPanel error={preview.error} onRetry={() => void preview.refetch()} /> : <Preview preview={found} />}
        {start.isError ? <ProblemPanel error={start.error} /> : null}
      </div>
    </Dialog>
  );
}

function Preview({ preview }: { preview: OperationPreview | undefined }) {
  if (preview === undefined) {
    return (
      <p role="status" className="flex items-center gap-2 text-sm text-soft">
        <Spinner size={12} /> {t.operations.counting}
      </p>
    );
  }
  if (preview.count === 0) return <p className="text-sm text-soft">{t.operations.noneMatch}</p>;
  return (
    <section aria-label={t.operations.first}>
      <h3 className="mb-1 text-sm font-medium" role="status">
        {t.operations.matches(preview.count, preview.at_least)}
        {preview.queued > 0 && preview.queued < preview.count ? `; ${t.operations.queued(preview.queued)}` : ""}
      </h3>
      <ul className="max-h-44 overflow-y-auto rounded-md border text-sm" tabIndex={0} aria-label={t.operations.first}>
        {preview.examples.map((one) => (
          <li key={one.id} className="flex items-center gap-3 border-b px-3 py-1.5 last:border-b-0">
            <StatusLabel status={one.status} />
            <span className="min-w-0 flex-1 truncate">{one.workflow}</span>
            <span className="font-mono text-xs text-dim">{one.id.slice(-8)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
