import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { resumeFlow, type Pause, type PauseTarget } from "../../api/flow";
import { asProblem } from "../../api/problem";
import { pausesQuery } from "../../api/queries";
import { t } from "../../messages";
import { toast } from "../../ui/toast_store";

export function useResume() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (target: PauseTarget) => resumeFlow(target),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["flow"] });
      toast({ tone: "success", title: t.flow.pauses.resumed });
    },
    onError: (error) => {
      const problem = asProblem(error);
      toast({ tone: "error", title: problem.title, detail: problem.detail });
    },
  });
}

const REFRESH_MS = 5000;

/** The pauses that hold back every run of this workflow: its own, and that of the account. */
export function usePausesOf(workflow: string): Pause[] {
  const { data } = useQuery({ ...pausesQuery, refetchInterval: REFRESH_MS });
  return (data ?? []).filter((one) => one.expression === null && (one.workflow === null || one.workflow === workflow));
}
