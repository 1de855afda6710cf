import type { ReactNode } from "react";

export function Badge({ children, title, mono = false }: { children: ReactNode; title?: string; mono?: boolean }) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 max-w-full shrink-0 items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-soft ${
        mono ? "tabular font-mono text-[11px]" : "text-xs"
      }`}
    >
      {mono ? <span className="truncate">{children}</span> : children}
    </span>
  );
}
