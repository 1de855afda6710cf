import { Plus } from "lucide-react";
import { Link } from "react-router";
import { t } from "../../messages";
import { buttonClass } from "../../ui/button";
import { TemplateGrid } from "./template_grid";

/** Nothing here yet: say what a workflow is and offer something that runs. */
export function FirstWorkflow() {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-10 md:px-6">
      <div className="mx-auto max-w-215">
        <h1 className="text-2xl font-semibold tracking-[-0.025em] text-balance">{t.workflows.firstTitle}</h1>
        <p className="mt-2 max-w-140 text-base text-pretty text-soft">{t.workflows.firstDetail}</p>
        <div className="mt-5">
          <Link to="/workflows/new?template=blank" className={buttonClass("primary")}>
            <Plus size={15} />
            {t.workflows.blank}
          </Link>
        </div>
        <h2 className="mt-10 mb-3 text-sm font-semibold">{t.workflows.examples}</h2>
        <TemplateGrid />
      </div>
    </div>
  );
}
