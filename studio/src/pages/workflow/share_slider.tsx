import { useId } from "react";
import { t } from "../../messages";
import { Input } from "../../ui/field";

/** From 0 to 100 percent, by hand or by number. */
export function ShareSlider({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const id = useId();
  const take = (text: string) => {
    const next = Math.round(Number(text));
    if (Number.isFinite(next)) onChange(Math.min(100, Math.max(0, next)));
  };
  return (
    <div className="flex items-center gap-3">
      <label htmlFor={id} className="text-sm font-medium">
        {t.versions.canaryCard.share}
      </label>
      <input id={id} type="range" min={0} max={100} value={value} onChange={(event) => take(event.target.value)} className="h-8 min-w-0 flex-1 accent-[var(--accent)]" />
      <span className="flex w-24 items-center gap-1">
        <Input type="number" min={0} max={100} aria-label={t.versions.canaryCard.share} value={value} onChange={(event) => take(event.target.value)} className="tabular text-right" />
        <span className="text-sm text-soft">%</span>
      </span>
    </div>
  );
}
