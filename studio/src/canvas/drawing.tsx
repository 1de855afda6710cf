import { useEffect, useState } from "react";
import { t } from "../messages";
import { Spinner } from "../ui/spinner";

const PATIENCE_MS = 600;

/** Said when the layout of a large graph takes its time; mounted while it does. */
export function Drawing() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!long) return null;
  return (
    <p role="status" className="absolute top-3 left-1/2 z-10 flex -translate-x-1/2 items-center gap-2 rounded-full border bg-surface px-3 py-1 text-xs text-soft shadow-card">
      <Spinner size={12} /> {t.canvas.loading}
    </p>
  );
}
