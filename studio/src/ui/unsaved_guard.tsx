import { useEffect } from "react";
import { useBlocker } from "react-router";
import { t } from "../messages";
import { Button } from "./button";
import { Dialog } from "./dialog";

export interface Unsaved {
  dirty: boolean;
  /** What the dialog asks. */
  title: string;
  /** Pages under this path keep the draft. Absent: only this page has it. */
  keptUnder?: string;
}

/** The state of a navigation that follows the saving itself, at which the draft still looks unsaved. */
export const SAVED = { saved: true };

const isLost = ({ dirty, keptUnder }: Unsaved, path: string) => dirty && (keptUnder === undefined || !(path === keptUnder || path.startsWith(`${keptUnder}/`)));

/** Asks before a page is left with work that exists only there. One a page: the router asks one alone. */
export function UnsavedGuard({ drafts }: { drafts: Unsaved[] }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      currentLocation.pathname !== nextLocation.pathname && nextLocation.state !== SAVED && drafts.some((one) => isLost(one, nextLocation.pathname)),
  );
  const dirty = drafts.some((one) => one.dirty);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [dirty]);
  if (blocker.state !== "blocked") return null;
  const lost = drafts.find((one) => isLost(one, blocker.location.pathname));
  return (
    <Dialog
      open
      width="sm"
      title={lost?.title ?? t.unsaved.save}
      description={t.unsaved.detail}
      onClose={() => blocker.reset()}
      footer={
        <>
          <Button tone="danger" onClick={() => blocker.proceed()}>
            {t.unsaved.leave}
          </Button>
          <Button tone="primary" data-autofocus onClick={() => blocker.reset()}>
            {t.unsaved.stay}
          </Button>
        </>
      }
    />
  );
}
