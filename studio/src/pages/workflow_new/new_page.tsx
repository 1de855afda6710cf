import { useSearchParams } from "react-router";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { sourceOf } from "../../templates";
import { PageHeader } from "../../ui/page_header";
import { TemplateGrid } from "../workflows/template_grid";
import { NewEditor } from "./new_editor";
import { BlankCard } from "./blank_card";

/** First the choice of what to start from, then the editor with it. */
export function NewWorkflowPage() {
  useTitle(t.workflows.create);
  const [params] = useSearchParams();
  const template = params.get("template");
  if (template !== null) return <NewEditor key={template} initial={sourceOf(template, location.origin)} />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHeader crumbs={[{ label: t.nav.workflows, to: "/workflows" }]} title={t.workflows.create} />
      <div className="max-w-225 px-4 pb-10 md:px-6">
        <BlankCard />
        <h2 className="mt-7 mb-3 text-sm font-semibold">{t.workflows.examples}</h2>
        <TemplateGrid />
      </div>
    </div>
  );
}
