import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import type { Workflow } from "../../api/types";
import { publishWorkflow } from "../../api/workflows";
import { setDocumentVersion } from "../../editor/source";
import { t } from "../../messages";
import { toast } from "../../ui/toast_store";

interface Options {
  source: string;
  onSource: (source: string) => void;
  onPublished: (workflow: Workflow) => void;
}

export interface Publish {
  start: () => void;
  /** Writes the version into the text and publishes that. */
  startAs: (version: string) => void;
  busy: boolean;
  done: boolean;
  problem: Problem | null;
  dismiss: () => void;
}

/** Publishing, and what to do when the server says no. */
export function usePublish({ source, onSource, onPublished }: Options): Publish {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const publish = async (text: string) => {
    setBusy(true);
    setProblem(null);
    try {
      const workflow = await publishWorkflow(text);
      setDone(true);
      await client.invalidateQueries({ queryKey: ["workflows"] });
      toast({ tone: "success", title: t.publish.published(workflow.name, workflow.version) });
      onPublished(workflow);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const startAs = (version: string) => {
    const text = setDocumentVersion(source, version);
    if (text === null) {
      toast({ tone: "error", title: t.publish.noVersionLine });
      return;
    }
    onSource(text);
    void publish(text);
  };
  return {
    start: () => {
      if (!busy) void publish(source);
    },
    startAs,
    busy,
    done,
    problem,
    dismiss: () => setProblem(null),
  };
}
