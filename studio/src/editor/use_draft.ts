import { useEffect, useState, useSyncExternalStore } from "react";
import { t } from "../messages";
import type { Session } from "./session";

/** The text of a document while its page is open. The session comes with the editor, which is loaded on demand. */
export interface Draft {
  source: string;
  session: Session | null;
  replace: (source: string) => void;
}

const silent = () => () => {};

export function useDraft(initial: string): Draft {
  const [session, setSession] = useState<Session | null>(null);
  const [first] = useState(initial);
  useEffect(() => {
    let current = true;
    void import("./session").then((module) => {
      const language = first.trimStart().startsWith("{") ? "json" : "yaml";
      if (current) setSession(new module.Session(first, language, t.editor.label));
    });
    return () => {
      current = false;
    };
  }, [first]);
  const source = useSyncExternalStore(session?.subscribe ?? silent, () => session?.source ?? first);
  return { source, session, replace: (text) => session?.replace(text) };
}
