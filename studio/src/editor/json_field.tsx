import type { Json } from "../api/types";
import { t } from "../messages";
import { LazyEditor } from "./lazy_editor";

export type ParsedJson = { ok: true; value: Json } | { ok: false; message: string };

/** Empty is null: that is what the server takes an empty body for. */
export function parseJson(text: string): ParsedJson {
  if (text.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : t.json.invalid };
  }
}

export function JsonField({ label, value, hint, onChange }: { label: string; value: string; hint: string; onChange: (text: string) => void }) {
  const parsed = parseJson(value);
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">{label}</p>
      <div className="h-56 overflow-hidden rounded-md border border-line-strong focus-within:border-accent focus-within:outline-1 focus-within:outline-accent">
        <LazyEditor label={label} language="json" value={value} onChange={onChange} />
      </div>
      <p role="status" className={`mt-1.5 min-h-4 text-xs ${parsed.ok ? "text-dim" : "text-faulted"}`}>
        {parsed.ok ? hint : parsed.message}
      </p>
    </div>
  );
}
