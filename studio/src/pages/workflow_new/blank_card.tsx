import { ArrowRight, FilePlus2 } from "lucide-react";
import { Link } from "react-router";
import { t } from "../../messages";

export function BlankCard() {
  return (
    <Link
      to="/workflows/new?template=blank"
      className="flex items-center gap-3.5 rounded-lg border bg-surface px-4 py-3 shadow-card transition-colors duration-120 hover:border-line-hover"
    >
      <span className="task-icon">
        <FilePlus2 size={15} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{t.templates.blank.title}</span>
        <span className="block text-sm text-soft">{t.templates.blank.summary}</span>
      </span>
      <ArrowRight size={16} className="text-dim" />
    </Link>
  );
}
