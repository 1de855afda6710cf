import { Fragment, type ReactNode } from "react";
import { ChevronRight } from "lucide-react";
import { Link } from "react-router";
import { t } from "../messages";

interface Props {
  crumbs?: { label: string; to: string }[];
  title: ReactNode;
  aside?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ crumbs = [], title, aside, note, actions }: Props) {
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-4 pb-3 md:px-6">
      <div className="min-w-0 flex-1 basis-60">
        {crumbs.length === 0 ? null : (
          <nav aria-label={t.shell.breadcrumbs} className="-mt-1 flex items-center gap-1 text-xs text-dim">
            {crumbs.map((crumb, index) => (
              <Fragment key={crumb.to}>
                {index === 0 ? null : <ChevronRight size={12} />}
                <Link to={crumb.to} className="inline-flex h-6 items-center rounded-sm hover:text-ink">
                  {crumb.label}
                </Link>
              </Fragment>
            ))}
          </nav>
        )}
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
          <h1 className="min-w-0 truncate text-xl font-semibold tracking-[-0.018em]">{title}</h1>
          {aside}
        </div>
        {note === undefined ? null : <div className="mt-0.5 truncate text-sm text-soft">{note}</div>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2 max-sm:min-w-0 max-sm:has-[input]:w-full max-sm:has-[input]:flex-nowrap">{actions}</div>}
    </header>
  );
}
