import { useEffect } from "react";
import { t } from "../messages";

export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), t.app.name].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
