import { Play, Upload } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Workflow } from "../../api/types";
import { useCheck } from "../../editor/use_check";
import { useDraft } from "../../editor/use_draft";
import { qualifiedName, workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { useCommands } from "../../shell/commands";
import { useShortcut } from "../../lib/shortcuts";
import { Button } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { SkeletonBlock, SkeletonRows } from "../../ui/skeleton";
import { Tabs } from "../../ui/tabs";
import { UnsavedGuard } from "../../ui/unsaved_guard";
import { NotFoundPage } from "../not_found_page";
import { EditorPane } from "./editor_pane";
import { OldVersionBar } from "./old_version_bar";
import { PausedBar } from "./paused_bar";
import { PublishDialog } from "./publish_dialog";
import { RunDialog } from "./run_dialog";
import { TriggersTab } from "./triggers_tab";
import { Unpublished } from "./unpublished";
import { usePublish } from "./use_publish";
import { VersionsMenu } from "./versions_menu";
import { WorkflowExecutions } from "./workflow_executions";

const VersionsTab = lazy(() => import("./versions_tab"));
const LimitsTab = lazy(() => import("../limits/limits_tab").then((module) => ({ default: module.LimitsTab })));

const TABS = ["editor", "executions", "versions", "triggers", "limits"];

interface Props {
  name: string;
  workflow: Workflow;
  /** A version chosen by hand; it may not be the current one. */
  old: boolean;
}

export function WorkflowView({ name, workflow, old }: Props) {
  const { tab = "editor" } = useParams();
  const [, setParams] = useSearchParams();
  const navigate = useNavigate();
  const draft = useDraft(workflow.source);
  const { source } = draft;
  const [running, setRunning] = useState(false);
  const [limitsDirty, setLimitsDirty] = useState(false);
  const check = useCheck(source);
  const qualified = qualifiedName({ workflow: workflow.name, namespace: workflow.namespace });
  const dirty = source !== workflow.source;
  const base = workflowPath(name);
  const publish = usePublish({ source, onSource: draft.replace, onPublished: () => setParams({}) });
  const run = () => setRunning(true);
  useShortcut("mod+enter", run, !running);
  useShortcut("mod+s", () => dirty && publish.start());
  useCommands(
    [
      { id: "run", label: t.run.title(workflow.title ?? workflow.name), group: t.palette.groups.here, icon: <Play size={15} />, keys: "mod+enter", run },
      { id: "publish", label: t.publish.button, group: t.palette.groups.here, icon: <Upload size={15} />, keys: "mod+s", run: publish.start },
    ],
    name,
  );
  if (!TABS.includes(tab)) return <NotFoundPage />;
  return (
    <>
      <PageHeader
        crumbs={[{ label: t.nav.workflows, to: "/workflows" }]}
        title={workflow.title ?? workflow.name}
        aside={
          <>
            <VersionsMenu name={name} version={workflow.version} onChange={(version) => setParams(version === null ? {} : { version })} />
            {dirty ? <Unpublished version={workflow.version} before={workflow.source} after={source} /> : null}
          </>
        }
        note={workflow.summary ?? undefined}
        actions={
          <>
            <Button icon={<Upload size={14} />} disabled={!dirty} busy={publish.busy} onClick={publish.start} keys="mod+s">
              {t.publish.button}
            </Button>
            <Button tone="primary" icon={<Play size={14} />} onClick={run} keys="mod+enter">
              {t.run.button}
            </Button>
          </>
        }
      />
      <PausedBar workflow={qualified} />
      {old ? <OldVersionBar name={name} workflow={workflow} onCurrent={() => setParams({})} /> : null}
      <Tabs
        label={t.workflow.sections}
        value={tab}
        onChange={(next) => void navigate(next === "editor" ? base : `${base}/${next}`)}
        items={[
          { value: "editor", label: t.workflow.editor, content: <EditorPane draft={draft} check={check} /> },
          {
            value: "executions",
            label: t.nav.executions,
            count: workflow.executions.total,
            content: <WorkflowExecutions name={qualified} onRun={run} />,
          },
          {
            value: "versions",
            label: t.versions.title,
            count: workflow.versions,
            content: (
              <Suspense fallback={<SkeletonRows label={t.common.loading} />}>
                <VersionsTab name={name} />
              </Suspense>
            ),
          },
          { value: "triggers", label: t.workflow.triggers, content: <TriggersTab name={name} sampleInput={workflow.sample_input} /> },
          {
            value: "limits",
            label: t.flow.limits.tab,
            content: (
              <Suspense fallback={<SkeletonBlock label={t.common.loading} />}>
                <LimitsTab workflow={qualified} onDirty={setLimitsDirty} />
              </Suspense>
            ),
          },
        ]}
      />
      {running ? (
        <RunDialog workflow={name} title={workflow.title ?? workflow.name} version={workflow.version} input={workflow.sample_input} dirty={dirty} onClose={() => setRunning(false)} />
      ) : null}
      <PublishDialog publish={publish} published={workflow.source} source={source} />
      <UnsavedGuard
        drafts={[
          { dirty, title: t.unsaved.publish, keptUnder: base },
          { dirty: limitsDirty, title: t.unsaved.save },
        ]}
      />
    </>
  );
}
