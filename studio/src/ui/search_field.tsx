import { Search } from "lucide-react";
import { useRef } from "react";
import { useShortcut } from "../lib/shortcuts";
import { Input } from "./field";
import { Kbd } from "./kbd";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
}

export function SearchField({ value, onChange, label }: Props) {
  const ref = useRef<HTMLInputElement>(null);
  useShortcut("/", () => ref.current?.focus());
  return (
    <span className="relative block w-72 max-w-full max-sm:w-auto max-sm:min-w-0 max-sm:flex-1">
      <Search size={14} className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-dim" />
      <Input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") ref.current?.blur();
        }}
        className="pl-8 pr-8 [&::-webkit-search-cancel-button]:hidden"
      />
      <span className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 max-sm:hidden">
        <Kbd keys="/" />
      </span>
    </span>
  );
}
