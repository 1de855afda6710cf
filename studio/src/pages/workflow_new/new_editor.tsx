import { useNavigate } from "react-router";
import { useCheck } from "../../editor/use_check";
import { useDraft } from "../../editor/use_draft";
import { workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { SAVED, UnsavedGuard } from "../../ui/unsaved_guard";
import { useShortcut } from "../../lib/shortcuts";
import { EditorPane } from "../workflow/editor_pane";
import { PublishDialog } from "../workflow/publish_dialog";
import { usePublish } from "../workflow/use_publish";

export function NewEditor({ initial }: { initial: string }) {
  const draft = useDraft(initial);
  const { source } = draft;
  const navigate = useNavigate();
  const check = useCheck(source);
  const publish = usePublish({
    source,
    onSource: draft.replace,
    onPublished: (workflow) => void navigate(workflowPath(`${workflow.namespace}.${workflow.name}`), { replace: true, state: SAVED }),
    newName: check.result?.document?.name,
  });
  useShortcut("mod+s", publish.start);
  const document = check.result?.document;
  return (
    <>
      <PageHeader
        crumbs={[
          { label: t.nav.workflows, to: "/workflows" },
          { label: t.workflows.create, to: "/workflows/new" },
        ]}
        title={document?.title ?? document?.name ?? t.workflows.untitled}
        actions={
          <Button tone="primary" onClick={publish.start} busy={publish.busy} keys="mod+s">
            {t.publish.button}
          </Button>
        }
      />
      <EditorPane draft={draft} check={check} />
      <PublishDialog publish={publish} source={source} />
      <UnsavedGuard drafts={[{ dirty: source !== initial, title: t.unsaved.publish }]} />
    </>
  );
}
