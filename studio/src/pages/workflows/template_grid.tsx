import { KindIcon } from "../../ui/kind_icon";
import { Link } from "react-router";
import { TEMPLATES } from "../../templates";

/** The examples to start from, each a card that opens in the editor. */
export function TemplateGrid() {
  return (
    <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {TEMPLATES.map((template) => (
        <li key={template.id} className="flex">
          <Link
            to={`/workflows/new?template=${template.id}`}
            className="group flex flex-1 flex-col rounded-lg border bg-surface p-4 shadow-card transition-colors duration-120 hover:border-line-hover"
          >
            <span className="flex items-center gap-1.5">
              {template.kinds.map((kind) => (
                <span key={kind} className="task-icon" data-kind={kind}>
                  <KindIcon kind={kind} icon={kind === "call" ? "globe" : undefined} />
                </span>
              ))}
            </span>
            <span className="mt-3 font-medium">{template.title}</span>
            <span className="mt-0.5 text-sm text-pretty text-soft">{template.summary}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
