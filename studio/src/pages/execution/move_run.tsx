import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowRightToLine } from "lucide-react";
import { migrateExecution } from "../../api/executions";
import { asProblem } from "../../api/problem";
import { executionQuery } from "../../api/queries";
import type { Execution } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { MarkdownLine } from "../../ui/markdown";
import { ProblemPanel } from "../../ui/problem_panel";
import { Spinner } from "../../ui/spinner";
import { toast } from "../../ui/toast_store";

interface Props {
  execution: Execution;
  version: string;
  onMoved: () => void;
}

/** Whether a run that goes on can move to another version, what that would mean for it, and the move itself. */
export function MoveRun({ execution, version, onMoved }: Props) {
  const { id } = execution;
  const client = useQueryClient();
  const trial = useQuery({
    queryKey: ["executions", "move", id, version],
    queryFn: ({ signal }) => migrateExecution(id, version, true, signal),
    retry: false,
    // Where the run stands changes while one reads.
    staleTime: 0,
    gcTime: 0,
  });
  const move = useMutation({
    mutationFn: () => migrateExecution(id, version, false),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: executionQuery(id).queryKey });
      void client.invalidateQueries({ queryKey: ["executions", "list"] });
      toast({ tone: "success", title: t.move.done(version) });
      onMoved();
    },
  });
  return (
    <section aria-label={t.move.title}>
      <h3 className="mb-2 text-sm font-semibold">{t.move.title}</h3>
      {trial.isPending ? (
        <p role="status" className="flex items-center gap-2 text-sm text-soft">
          <Spinner size={12} /> {t.move.asking}
        </p>
      ) : trial.data === undefined ? (
        <Obstacles error={trial.error} />
      ) : (
        <div className="flex flex-wrap items-center gap-3">
          <p className="min-w-0 flex-1 basis-60 text-sm text-soft">
            {t.move.can(version, trial.data.tasks.length)} {trial.data.passed.length === 0 ? null : t.move.passed(trial.data.passed.map(nameOf))}
          </p>
          <Button icon={<ArrowRightToLine size={14} />} busy={move.isPending} onClick={() => move.mutate()}>
            {t.move.button(version)}
          </Button>
        </div>
      )}
      {move.isError ? <div className="mt-2"><Obstacles error={move.error} /></div> : null}
    </section>
  );
}

const nameOf = (ref: string): string => ref.split("/").at(-1) ?? ref;

function Obstacles({ error }: { error: unknown }) {
  const { obstacles } = asProblem(error);
  if (obstacles.length === 0) return <ProblemPanel error={error} />;
  return (
    <>
      <p className="mb-1.5 text-sm text-soft">{t.move.cannot}</p>
      <ul className="flex flex-col gap-1.5 text-sm">
        {obstacles.map((one, index) => (
          <li key={index}>
            {one.task === null ? null : <span className="font-medium">{nameOf(one.task)}: </span>}
            <MarkdownLine text={one.why} />
            <span className="block text-xs text-soft">
              <MarkdownLine text={one.advice} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
