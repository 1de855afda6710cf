import type { ReactNode } from "react";

interface Props {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** It is all there is on the page. */
  page?: boolean;
}

export function EmptyState({ icon, title, children, actions, page = false }: Props) {
  const Heading = page ? "h1" : "h2";
  return (
    <div className="mx-auto flex max-w-110 flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 flex size-10 items-center justify-center rounded-lg border bg-surface text-dim shadow-card">{icon}</span>
      <Heading className="text-base font-semibold text-balance">{title}</Heading>
      {children === undefined ? null : <div className="mt-1 text-sm text-pretty text-soft">{children}</div>}
      {actions === undefined ? null : <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
