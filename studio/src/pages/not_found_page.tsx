import { Compass } from "lucide-react";
import { Link } from "react-router";
import { useTitle } from "../lib/use_title";
import { t } from "../messages";
import { buttonClass } from "../ui/button";
import { EmptyState } from "../ui/empty_state";

export function NotFoundPage() {
  useTitle(t.notFound.title);
  return (
    <div className="flex flex-1 items-center">
      <EmptyState
        icon={<Compass size={18} />}
        title={t.notFound.title}
        actions={
          <Link to="/workflows" className={buttonClass("primary")}>
            {t.notFound.home}
          </Link>
        }
      >
        {t.notFound.detail}
      </EmptyState>
    </div>
  );
}
