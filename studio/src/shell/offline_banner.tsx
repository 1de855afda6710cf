import { useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { isReachable, onReachableChange, pingServer } from "../api/reachable";
import { t } from "../messages";
import { Button } from "../ui/button";
import { toast } from "../ui/toast_store";

/** Says that the server is away, keeps asking, and loads everything anew when it is back. */
export function OfflineBanner() {
  const reachable = useSyncExternalStore(onReachableChange, isReachable);
  const wasDown = useRef(false);
  const client = useQueryClient();
  useEffect(() => {
    if (!reachable) {
      wasDown.current = true;
    } else if (wasDown.current) {
      wasDown.current = false;
      toast({ tone: "success", title: t.offline.back });
      void client.invalidateQueries();
    }
  }, [reachable, client]);
  if (reachable) return null;
  return (
    <div role="status" className="flex shrink-0 items-center gap-3 border-b border-waiting-line bg-waiting-soft px-4 py-2 text-sm md:px-6">
      <CloudOff size={16} className="shrink-0 text-waiting" />
      <p className="min-w-0 flex-1">
        <span className="font-medium">{t.offline.title}</span> <span className="text-soft">{t.offline.detail}</span>
      </p>
      <Button size="sm" onClick={() => void pingServer()}>
        {t.offline.now}
      </Button>
    </div>
  );
}
