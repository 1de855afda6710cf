import { History } from "lucide-react";
import { t } from "../../messages";
import { Button } from "../../ui/button";

export function OldVersionBar({ version, onLatest }: { version: string; onLatest: () => void }) {
  return (
    <div role="status" className="mx-4 mb-2 flex items-center gap-2.5 rounded-md border border-waiting-line bg-waiting-soft px-3 py-1.5 text-sm md:mx-6">
      <History size={15} className="shrink-0 text-waiting" />
      <p className="min-w-0 flex-1">{t.versions.old(version)}</p>
      <Button size="sm" onClick={onLatest}>
        {t.versions.toLatest}
      </Button>
    </div>
  );
}
