import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { listExecutions } from "../../api/executions";
import type { Execution } from "../../api/types";
import { qualifiedName } from "../../lib/qualified_name";
import { t } from "../../messages";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { StatusLabel } from "../../ui/status_pill";
import { RelativeTime } from "../../ui/time_text";

const SHOWN = 20;

/** Which run this one is compared with. */
export function PickDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const [other, setOther] = useState("");
  const navigate = useNavigate();
  const name = qualifiedName(execution);
  const recent = useQuery({ queryKey: ["executions", "recent", name], queryFn: ({ signal }) => listExecutions({ workflow: name }, null, signal, SHOWN + 1) });
  const items = recent.data?.items.filter((one) => one.id !== execution.id).slice(0, SHOWN) ?? [];
  const go = (id: string) => void navigate(`/executions/compare?a=${encodeURIComponent(id)}&b=${encodeURIComponent(execution.id)}`);
  const c = t.compareRuns;
  return (
    <Dialog
      open
      onClose={onClose}
      title={c.pick}
      description={c.pickDetail}
      onSubmit={() => other.trim() !== "" && go(other.trim())}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" disabled={other.trim() === ""}>
            {c.choose}
          </Button>
        </>
      }
    >
      <Field label={c.other}>{(props) => <Input {...props} value={other} spellCheck={false} placeholder="exe_" onChange={(event) => setOther(event.target.value)} />}</Field>
      <h3 className="mt-4 mb-2 text-sm font-semibold">{c.recent}</h3>
      {recent.isError ? <ProblemPanel error={recent.error} /> : null}
      {recent.isSuccess && items.length === 0 ? <p className="text-sm text-soft">{c.noneRecent}</p> : null}
      <ul aria-label={c.recent} className="rounded-md border empty:hidden">
        {items.map((one) => (
          <li key={one.id} className="border-b last:border-b-0">
            <button type="button" onClick={() => go(one.id)} className="flex w-full items-center gap-3 px-3 py-2 text-left text-sm -outline-offset-2 hover:bg-hover">
              <span className="w-28 shrink-0">
                <StatusLabel status={one.status} />
              </span>
              <Badge mono>{one.version}</Badge>
              <span className="min-w-0 flex-1 truncate font-mono text-xs text-soft">{one.id}</span>
              <span className="shrink-0 text-xs text-dim">
                <RelativeTime iso={one.created_at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
