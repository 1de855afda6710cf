import { useEffect } from "react";

/** While the focus is in the canvas it follows the chosen task: through arrow keys, edits and new layouts. */
export function useKeptFocus(frame: React.RefObject<HTMLDivElement | null>, selected: string | null, placed: unknown): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null || selected === null) return;
    const waiting = requestAnimationFrame(() => {
      const { activeElement } = document;
      // A card that was redrawn under the focus leaves it with the page itself.
      const lost = activeElement === document.body && element.dataset.focused !== undefined;
      if (!lost && !element.contains(activeElement)) return;
      if (activeElement instanceof HTMLInputElement) return;
      element.querySelector<HTMLElement>(`[data-task="${CSS.escape(selected)}"]`)?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(waiting);
  }, [frame, selected, placed]);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const mark = (event: FocusEvent) => {
      if (element.contains(event.target as Node)) element.dataset.focused = "";
      else delete element.dataset.focused;
    };
    document.addEventListener("focusin", mark);
    return () => document.removeEventListener("focusin", mark);
  }, [frame]);
}
