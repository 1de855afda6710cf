import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Json } from "../api/types";
import { t } from "../messages";
import { CopyButton } from "./copy_button";

const FIRST_SHOWN = 100;
const OPEN_DEPTH = 2;
const OPEN_MEMBERS_MAX = 40;
const TEXT_SHOWN_MAX = 2000;
const PREVIEW_MAX = 56;

export function JsonTree({ value, label }: { value: Json; label: string }) {
  return (
    <div className="group/json relative rounded-md border bg-sunken" role="group" aria-label={label}>
      <CopyButton
        text={JSON.stringify(value, null, 2)}
        label={t.json.copy}
        className="absolute top-1 right-1 z-10 bg-sunken opacity-0 group-focus-within/json:opacity-100 group-hover/json:opacity-100 focus-visible:opacity-100"
      />
      <div className="overflow-x-auto px-2 py-2 font-mono text-xs leading-5">
        <Node value={value} depth={0} />
      </div>
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: Json; depth: number }) {
  if (value === null || typeof value !== "object") {
    return (
      <div className="flex gap-1.5 pl-4.5 whitespace-pre">
        <Name name={name} />
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch name={name} value={value} depth={depth} />;
}

function Branch({ name, value, depth }: { name?: string; value: Json[] | { [key: string]: Json }; depth: number }) {
  const entries = Object.entries(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && entries.length <= OPEN_MEMBERS_MAX);
  const [shown, setShown] = useState(FIRST_SHOWN);
  const list = Array.isArray(value);
  const summary = preview(value) ?? (list ? t.json.items(entries.length) : t.json.fields(entries.length));
  if (entries.length === 0) {
    return (
      <div className="flex gap-1.5 pl-4.5">
        <Name name={name} />
        <span className="text-dim">{list ? "[]" : "{}"}</span>
      </div>
    );
  }
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-[24px] items-center gap-1 rounded-sm pr-1.5 whitespace-pre hover:bg-hover"
      >
        <ChevronRight size={14} className={`text-dim transition-transform duration-120 ${open ? "rotate-90" : ""}`} />
        <Name name={name} />
        <span className="text-dim">{open ? (list ? "[" : "{") : summary}</span>
      </button>
      {open ? (
        <>
          <div className="ml-1.75 border-l border-line pl-2">
            {entries.slice(0, shown).map(([key, child]) => (
              <Node key={key} name={key} value={child} depth={depth + 1} />
            ))}
            {entries.length > shown ? (
              <button type="button" className="pl-4.5 font-sans text-accent-ink hover:underline" onClick={() => setShown(shown + FIRST_SHOWN)}>
                {t.json.more(Math.min(FIRST_SHOWN, entries.length - shown), entries.length)}
              </button>
            ) : null}
          </div>
          <div className="pl-4.5 text-dim">{list ? "]" : "}"}</div>
        </>
      ) : null}
    </div>
  );
}

/** A small value on one line; null when it is not small. */
function preview(value: Json[] | { [key: string]: Json }): string | null {
  if (Object.keys(value).length > 6) return null;
  const text = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  return text.length <= PREVIEW_MAX ? text : null;
}

function Name({ name }: { name?: string }) {
  return name === undefined ? null : <span className="text-(--syntax-key)">{name}:</span>;
}

function Scalar({ value }: { value: null | boolean | number | string }) {
  const [whole, setWhole] = useState(false);
  if (typeof value === "string") {
    const cut = !whole && value.length > TEXT_SHOWN_MAX;
    return (
      <span className="break-words whitespace-pre-wrap text-(--syntax-string)">
        {JSON.stringify(cut ? value.slice(0, TEXT_SHOWN_MAX) : value)}
        {cut ? (
          <button type="button" className="ml-2 font-sans text-accent-ink" onClick={() => setWhole(true)}>
            {t.json.whole(value.length)}
          </button>
        ) : null}
      </span>
    );
  }
  if (typeof value === "number") return <span className="text-(--syntax-number)">{String(value)}</span>;
  return <span className="text-(--syntax-atom)">{String(value)}</span>;
}
