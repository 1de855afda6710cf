import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, Problem } from "../../api/problem";
import type { Workflow } from "../../api/types";
import { listWorkflows, publishWorkflow } from "../../api/workflows";
import { nextName, setDocumentName, setDocumentVersion } from "../../editor/source";
import { t } from "../../messages";
import { toast } from "../../ui/toast_store";

interface Options {
  source: string;
  onSource: (source: string) => void;
  onPublished: (workflow: Workflow) => void;
  /** The name of a workflow that is meant to be new: one that is taken is asked about first. */
  newName?: string;
}

export interface Publish {
  start: () => void;
  /** Writes the version into the text and publishes that. */
  startAs: (version: string) => void;
  /** The free name to offer when the name is taken, and the two ways on. */
  otherName: string;
  startUnderOtherName: () => void;
  startAnyway: () => void;
  busy: boolean;
  problem: Problem | null;
  dismiss: () => void;
}

/** Publishing, and what to do when the server says no. */
export function usePublish({ source, onSource, onPublished, newName }: Options): Publish {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const otherName = nextName(newName ?? "");

  const publish = async (text: string, checkName: string | undefined) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      if (checkName !== undefined) await expectFree(checkName);
      const workflow = await publishWorkflow(text);
      await client.invalidateQueries({ queryKey: ["workflows"] });
      toast({ tone: "success", title: t.publish.published(workflow.name, workflow.version) });
      onPublished(workflow);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const publishChanged = (text: string | null, checkName: string | undefined) => {
    if (text === null) {
      toast({ tone: "error", title: t.publish.noVersionLine });
      return;
    }
    onSource(text);
    void publish(text, checkName);
  };
  return {
    start: () => void publish(source, newName),
    startAs: (version) => publishChanged(setDocumentVersion(source, version), undefined),
    otherName,
    startUnderOtherName: () => publishChanged(setDocumentName(source, otherName), otherName),
    startAnyway: () => void publish(source, undefined),
    busy,
    problem,
    dismiss: () => setProblem(null),
  };
}

async function expectFree(name: string): Promise<void> {
  const { items } = await listWorkflows(name, null);
  if (items.some((one) => one.name === name)) throw new Problem(409, { code: "name_taken", title: t.publish.nameTaken(name) });
}
