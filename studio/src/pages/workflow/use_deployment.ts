import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Deployment } from "../../api/deployment";
import { deploymentQuery } from "../../api/queries";
import { toast } from "../../ui/toast_store";

/** An act on the deployment of a workflow: all that shows it is read anew. */
export function useDeployment(name: string, act: () => Promise<Deployment>, said: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (next) => {
      client.setQueryData(deploymentQuery(name).queryKey, next);
      toast({ tone: "success", title: said });
      onDone();
    },
    // A conflict means that somebody else has decided: what they did is shown behind the dialog.
    onSettled: () => client.invalidateQueries({ queryKey: ["workflows"] }),
  });
}
