import { TriangleAlert } from "lucide-react";
import { useRouteError } from "react-router";
import { t } from "../messages";
import { Button } from "../ui/button";
import { EmptyState } from "../ui/empty_state";

/** A page that broke, or one whose code could not be fetched because the server has been upgraded meanwhile. */
export function RouteError() {
  const error = useRouteError();
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="flex h-full flex-1 items-center">
      <EmptyState
        icon={<TriangleAlert size={18} />}
        title={t.pageError.title}
        actions={
          <Button tone="primary" onClick={() => location.reload()}>
            {t.pageError.reload}
          </Button>
        }
      >
        {t.pageError.detail}
        <code className="mt-2 block text-xs break-words">{message}</code>
      </EmptyState>
    </div>
  );
}
