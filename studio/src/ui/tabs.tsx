import * as Radix from "@radix-ui/react-tabs";
import { clsx } from "clsx";
import type { ReactNode } from "react";

export interface TabItem {
  value: string;
  label: string;
  count?: number;
  content: ReactNode;
}

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  items: TabItem[];
  trailing?: ReactNode;
  className?: string;
}

export function Tabs({ label, value, onChange, items, trailing, className }: Props) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={clsx("flex min-h-0 flex-1 flex-col", className)}>
      <div className="flex shrink-0 items-center gap-3 border-b px-4 md:px-6">
        <Radix.List aria-label={label} className="flex min-w-0 flex-1 gap-5 overflow-x-auto [scrollbar-width:none]">
          {items.map((item) => (
            <Radix.Trigger
              key={item.value}
              value={item.value}
              className="-mb-px inline-flex h-10 shrink-0 items-center gap-1.5 border-b-2 border-transparent text-sm font-medium text-soft -outline-offset-2 hover:text-ink data-[state=active]:border-ink data-[state=active]:text-ink"
            >
              {item.label}
              {item.count === undefined ? null : <span className="tabular text-xs text-dim">{item.count}</span>}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {trailing}
      </div>
      {items.map((item) => (
        <Radix.Content key={item.value} value={item.value} className="flex min-h-0 flex-1 flex-col focus-visible:-outline-offset-2">
          {item.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
