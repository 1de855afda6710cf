import { X } from "lucide-react";
import { t } from "../../messages";

/** The conditions that were typed, each to be taken away. */
export function Chips({ find, onChange }: { find: string; onChange: (find: string) => void }) {
  const terms = find.split(/\s+/).filter((term) => term !== "");
  if (terms.length === 0) return null;
  return (
    <ul aria-label={t.executions.conditions} className="flex flex-wrap items-center gap-1.5">
      {terms.map((term, index) => (
        <li key={index} className="inline-flex h-7 max-w-70 items-center gap-1 rounded-full border border-line-strong bg-sunken pr-1 pl-2.5 text-xs">
          <span className="truncate font-mono">{term}</span>
          <button
            type="button"
            aria-label={t.executions.without(term)}
            onClick={() => onChange(terms.filter((_, other) => other !== index).join(" "))}
            className="inline-flex size-5 shrink-0 items-center justify-center rounded-full text-dim hover:bg-hover hover:text-ink"
          >
            <X size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}
