import { useMutation } from "@tanstack/react-query";
import { CircleCheck, Stethoscope } from "lucide-react";
import { Link } from "react-router";
import { examine, type DoctorReport } from "../../api/system";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";

/** Asked for by hand: it reads all that is unfinished. */
export function Doctor() {
  const look = useMutation({ mutationFn: (mend: boolean) => examine(mend) });
  const d = t.system.doctor;
  return (
    <section aria-label={d.title}>
      <h2 className="text-base font-semibold">{d.title}</h2>
      <p className="mt-0.5 mb-3 text-sm text-soft">{d.detail}</p>
      <Button icon={<Stethoscope size={14} />} busy={look.isPending} onClick={() => look.mutate(false)}>
        {d.button}
      </Button>
      {look.isError ? (
        <div className="mt-3">
          <ProblemPanel error={look.error} />
        </div>
      ) : null}
      {look.data === undefined ? null : <Report report={look.data} onMend={() => look.mutate(true)} />}
    </section>
  );
}

function Report({ report, onMend }: { report: DoctorReport; onMend: () => void }) {
  const d = t.system.doctor;
  if (report.healthy)
    return (
      <p role="status" className="mt-3 flex items-center gap-2 text-sm">
        <CircleCheck size={15} className="shrink-0 text-completed" /> {d.healthy(report.executions)}
      </p>
    );
  return (
    <div role="status" className="mt-3 flex flex-col items-start gap-3">
      <p className="text-sm font-medium text-faulted">{d.findings(report.findings.length)}</p>
      <ul className="flex flex-col gap-2 text-sm">
        {report.findings.map((one, index) => (
          <li key={index}>
            <Link to={`/executions/${one.execution}`} className="rounded-sm font-mono text-xs text-accent-ink hover:underline">
              {one.execution}
            </Link>{" "}
            {one.problem}
            <span className="block text-xs text-soft">{one.mended === null ? one.advice : d.mended(one.mended)}</span>
          </li>
        ))}
      </ul>
      <Button onClick={onMend}>{d.mend}</Button>
    </div>
  );
}
