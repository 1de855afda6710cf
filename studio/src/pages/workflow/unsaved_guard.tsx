import { useEffect } from "react";
import { useBlocker } from "react-router";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";

interface Props {
  dirty: boolean;
  /** Paths under this one keep the draft; nothing to ask for. */
  stayUnder: string;
}

export function UnsavedGuard({ dirty, stayUnder }: Props) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty &&
      currentLocation.pathname !== nextLocation.pathname &&
      (stayUnder === "" || !(nextLocation.pathname === stayUnder || nextLocation.pathname.startsWith(`${stayUnder}/`))),
  );
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [dirty]);
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog
      open
      width="sm"
      title={t.unsaved.title}
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
