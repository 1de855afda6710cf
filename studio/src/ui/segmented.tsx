import { clsx } from "clsx";
import type { ReactNode } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string; icon?: ReactNode; hideText?: boolean }[];
}

export function Segmented<T extends string>({ label, value, onChange, options }: Props<T>) {
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex max-w-full overflow-x-auto rounded-md border border-line bg-sunken p-0.5 [scrollbar-width:none]">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          aria-label={option.label}
          title={option.hideText === true ? option.label : undefined}
          onClick={() => onChange(option.value)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key] ?? 0;
            if (step === 0) return;
            event.preventDefault();
            const index = options.findIndex((one) => one.value === value);
            const next = options[(index + step + options.length) % options.length];
            if (next === undefined) return;
            onChange(next.value);
            const siblings = event.currentTarget.parentElement?.children;
            (siblings?.[options.indexOf(next)] as HTMLElement | undefined)?.focus();
          }}
          tabIndex={option.value === value ? 0 : -1}
          className={clsx(
            "inline-flex h-6.5 pointer-coarse:h-9 shrink-0 items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium whitespace-nowrap transition-colors duration-120",
            option.value === value ? "bg-surface text-ink shadow-card ring-1 ring-line-strong" : "text-soft hover:text-ink",
          )}
        >
          {option.icon}
          {option.hideText === true ? null : option.label}
        </button>
      ))}
    </div>
  );
}
