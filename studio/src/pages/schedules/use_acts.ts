import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { scheduleQuery } from "../../api/queries";
import { setPaused, triggerSchedule, type Schedule } from "../../api/schedules";
import { asProblem } from "../../api/problem";
import { t } from "../../messages";
import { toast } from "../../ui/toast_store";

/** What may be done to a schedule at once; the rest asks first. */
export function useActs(schedule: Schedule) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const refresh = () => void client.invalidateQueries({ queryKey: ["schedules"] });
  const failed = (error: unknown) => {
    const problem = asProblem(error);
    toast({ tone: "error", title: problem.title, detail: problem.detail });
  };
  const resume = useMutation({
    mutationFn: () => setPaused(schedule.id, false, ""),
    onSuccess: (next) => {
      client.setQueryData(scheduleQuery(schedule.id).queryKey, next);
      refresh();
      toast({ tone: "success", title: t.schedules.done.resumed });
    },
    onError: failed,
  });
  const trigger = useMutation({
    mutationFn: () => triggerSchedule(schedule.id),
    onSuccess: ({ execution }) => {
      refresh();
      toast({ tone: "success", title: t.schedules.done.triggered, action: { label: t.schedules.done.open, run: () => void navigate(`/executions/${execution}`) } });
    },
    onError: failed,
  });
  return { resume, trigger, refresh };
}
