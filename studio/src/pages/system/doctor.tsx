import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Stethoscope, X } from "lucide-react";
import { Link } from "react-router";
import { examinationQuery } from "../../api/queries";
import { beginExamination, cancelExamination, type Examination } from "../../api/system";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { Spinner } from "../../ui/spinner";
import { RelativeTime } from "../../ui/time_text";

/** Asked for by hand: it reads all that is unfinished. It goes on when this page is left, and is found again. */
export function Doctor() {
  const d = t.system.doctor;
  const client = useQueryClient();
  const { data: latest, error } = useQuery(examinationQuery);
  const keep = (one: Examination) => client.setQueryData(examinationQuery.queryKey, one);
  const begin = useMutation({
    mutationFn: beginExamination,
    onSuccess: keep,
    onError: () => void client.invalidateQueries({ queryKey: examinationQuery.queryKey }),
  });
  const cancel = useMutation({ mutationFn: cancelExamination, onSuccess: keep });
  const isRunning = latest?.state === "running";
  const problem = begin.error ?? cancel.error ?? error;
  return (
    <section aria-label={d.title}>
      <h2 className="text-base font-semibold">{d.title}</h2>
      <p className="mt-0.5 mb-3 text-sm text-soft">{d.detail}</p>
      <div className="flex flex-wrap gap-2">
        <Button icon={<Stethoscope size={14} />} busy={begin.isPending} disabled={isRunning} onClick={() => begin.mutate(false)}>
          {d.button}
        </Button>
        {isRunning ? (
          <Button icon={<X size={14} />} busy={cancel.isPending} onClick={() => cancel.mutate(latest.id)}>
            {d.cancel}
          </Button>
        ) : null}
      </div>
      {problem === null ? null : (
        <div className="mt-3">
          <ProblemPanel error={problem} />
        </div>
      )}
      {latest === undefined || latest === null ? null : <Report one={latest} onMend={() => begin.mutate(true)} />}
    </section>
  );
}

function Report({ one, onMend }: { one: Examination; onMend: () => void }) {
  const d = t.system.doctor;
  const isRunning = one.state === "running";
  const canBeMended = !isRunning && one.findings.some((finding) => finding.mended === null);
  return (
    <div className="mt-3 flex flex-col items-start gap-3 text-sm">
      <div>
        <Outcome one={one} />
        <p className="tabular mt-0.5 text-xs text-soft">
          {(isRunning ? d.counts : d.looked)(one.indexes, one.ended, one.executions)}
          {one.ended_at === null ? null : (
            <>
              , <RelativeTime iso={one.ended_at} />
            </>
          )}
        </p>
      </div>
      {one.findings.length === 0 ? null : <Findings one={one} />}
      {one.unseen.length === 0 ? null : (
        <ul className="flex flex-col gap-1 text-xs text-soft">
          {one.unseen.map((what) => (
            <li key={what}>{d.unseen(what)}</li>
          ))}
        </ul>
      )}
      {canBeMended ? <Button onClick={onMend}>{d.mend}</Button> : null}
    </div>
  );
}

/** What is to be said of it, in one line. */
function Outcome({ one }: { one: Examination }) {
  const d = t.system.doctor;
  const found = one.findings.length === 0 ? null : <span className={one.healthy === true ? "font-medium" : "font-medium text-faulted"}>{d.findings(one.findings.length)}</span>;
  switch (one.state) {
    case "running":
      return (
        <p role="status" className="flex flex-wrap items-center gap-x-2">
          <Spinner /> {d.running(one.mend)}: {d.phases[one.phase]}. {found ?? <span className="text-soft">{d.nothingYet}</span>}
        </p>
      );
    case "completed":
      return (
        <p role="status" className="flex items-center gap-2">
          {found ?? (
            <>
              <CircleCheck size={15} className="shrink-0 text-completed" /> {d.healthy}
            </>
          )}
        </p>
      );
    case "cancelled":
      return (
        <p role="status">
          {d.cancelled} {found}
        </p>
      );
    case "failed":
      return (
        <p role="status" className="text-faulted">
          {d.failed(one.error ?? "")}
        </p>
      );
  }
}

function Findings({ one }: { one: Examination }) {
  const d = t.system.doctor;
  return (
    <ul aria-label={d.findings(one.findings.length)} className="flex flex-col gap-2">
      {one.findings.map((finding, index) => (
        <li key={index} className="min-w-0 break-words">
          {finding.execution.startsWith("exe_") ? (
            <Link to={`/executions/${finding.execution}`} className="rounded-sm font-mono text-xs text-accent-ink hover:underline">
              {finding.execution}
            </Link>
          ) : (
            <span className="font-mono text-xs">{finding.execution}</span>
          )}{" "}
          {finding.problem}
          <span className="block text-xs text-soft">{finding.mended === null ? finding.advice : d.mended(finding.mended)}</span>
        </li>
      ))}
    </ul>
  );
}
