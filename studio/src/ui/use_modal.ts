import { useLayoutEffect, useRef } from "react";

/** Where the keyboard was last: what is chosen in a menu is gone with it, so of a menu its button counts. */
let lastFocused: HTMLElement | null = null;
if (typeof document !== "undefined") {
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement) || target.closest("dialog") !== null) return;
    const menu = target.closest("[role=menu]");
    lastFocused = menu === null ? target : document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  });
}

/**
 * The browser's own modal dialog for as long as the component lives: focus stays inside, the rest is inert. `begin` says where the focus
 * goes; in the end it goes back to where it was. In a layout effect, because a dialog that has left the page gives nothing back.
 */
export function useModal(begin: (dialog: HTMLDialogElement) => HTMLElement | null | undefined) {
  const ref = useRef<HTMLDialogElement>(null);
  const first = useRef(begin);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    const opener = lastFocused;
    dialog.showModal();
    first.current(dialog)?.focus();
    return () => {
      dialog.close();
      const focused = document.activeElement;
      const isLost = focused === null || focused === document.body || dialog.contains(focused);
      if (isLost && opener?.isConnected === true) opener.focus();
    };
  }, []);
  return ref;
}
