import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useCheck } from "../../editor/use_check";
import { useDraft } from "../../editor/use_draft";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { PageHeader } from "../../ui/page_header";
import { useShortcut } from "../../shell/shortcuts";
import { EditorPane } from "../workflow/editor_pane";
import { PublishDialog } from "../workflow/publish_dialog";
import { usePublish } from "../workflow/use_publish";
import { UnsavedGuard } from "../workflow/unsaved_guard";

export function NewEditor({ initial }: { initial: string }) {
  const draft = useDraft(initial);
  const { source } = draft;
  const [published, setPublished] = useState<string | null>(null);
  const navigate = useNavigate();
  const check = useCheck(source);
  const publish = usePublish({
    source,
    onSource: draft.replace,
    onPublished: (workflow) => setPublished(workflow.name),
    newName: check.result?.document?.name,
  });
  // In an effect, so that the guard below has already let go of the draft.
  useEffect(() => {
    if (published !== null) void navigate(`/workflows/${encodeURIComponent(published)}`, { replace: true });
  }, [published, navigate]);
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
      <UnsavedGuard dirty={source !== initial && published === null} stayUnder="" />
    </>
  );
}
