import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { AuditEntry } from "../../api/audit";
import { t } from "../../messages";
import { changesOf, valueText, type Change } from "./changes_of";

const SHOWN_FIRST = 3;

/** What an act has changed, place by place: as it was, and as it is. */
export function ChangeList({ change }: { change: NonNullable<AuditEntry["change"]> }) {
  const [all, setAll] = useState(false);
  const changes = changesOf(change.before, change.after);
  if (changes.length === 0) return <p className="text-xs text-dim">{t.audit.change.none}</p>;
  const shown = all ? changes : changes.slice(0, SHOWN_FIRST);
  return (
    <div>
      <ul aria-label={t.audit.change.title} className="flex flex-col gap-0.5 font-mono text-xs">
        {shown.map((one) => (
          <Place key={one.path} {...one} />
        ))}
      </ul>
      {changes.length > SHOWN_FIRST ? (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)} className="mt-0.5 flex items-center gap-1 rounded-sm text-xs text-soft hover:text-ink">
          <ChevronRight size={12} className={all ? "rotate-90" : ""} />
          {all ? t.audit.change.less : t.audit.change.more(changes.length - SHOWN_FIRST)}
        </button>
      ) : null}
    </div>
  );
}

function Place({ path, before, after }: Change) {
  return (
    <li className="min-w-0 break-words">
      {path === "" ? null : <span className="text-soft">{path}: </span>}
      {before === undefined ? null : (
        <del className="text-faulted">
          <span className="sr-only">{t.audit.change.before} </span>
          {valueText(before)}
        </del>
      )}
      {before === undefined || after === undefined ? " " : " → "}
      {after === undefined ? null : (
        <ins className="text-completed no-underline">
          <span className="sr-only">{t.audit.change.after} </span>
          {valueText(after)}
        </ins>
      )}
    </li>
  );
}
