import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { t } from "../messages";
import { Button } from "./button";
import { currentToasts, dismissToast, onToastsChange, type Toast } from "./toast_store";

const ICONS = {
  success: <CircleCheck size={16} className="text-completed" />,
  error: <CircleAlert size={16} className="text-faulted" />,
  info: <Info size={16} className="text-running" />,
};

export function Toaster() {
  const toasts = useSyncExternalStore(onToastsChange, currentToasts);
  return (
    <div
      role="region"
      aria-label={t.common.notifications}
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-60 flex w-90 max-w-[calc(100vw-32px)] flex-col gap-2 max-sm:bottom-18"
    >
      {toasts.map((one) => (
        <ToastCard key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  return (
    <div className="animate-pop pointer-events-auto flex items-start gap-2.5 rounded-lg bg-raised py-2.5 pr-2 pl-3 shadow-pop">
      <span className="mt-0.5">{ICONS[toast.tone]}</span>
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium">{toast.title}</p>
        {toast.detail === undefined ? null : <p className="text-sm break-words text-soft">{toast.detail}</p>}
      </div>
      {toast.action === undefined ? null : (
        <Button
          size="sm"
          onClick={() => {
            toast.action?.run();
            dismissToast(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <button
        type="button"
        aria-label={t.common.dismiss}
        onClick={() => dismissToast(toast.id)}
        className="rounded-sm p-1 text-dim hover:bg-hover hover:text-ink"
      >
        <X size={14} />
      </button>
    </div>
  );
}
