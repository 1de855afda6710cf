import { useEffect } from "react";

/**
 * While the focus is in the canvas it follows the chosen task: through arrow keys, edits and new layouts. A card that is
 * redrawn or undone away under the focus leaves it with the page itself; the canvas then takes it back, and the keys
 * pressed in between.
 */
export function useKeptFocus(frame: React.RefObject<HTMLDivElement | null>, selected: string | null, placed: unknown): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const waiting = requestAnimationFrame(() => {
      if (!isLost(element) && !element.contains(document.activeElement)) return;
      if (document.activeElement instanceof HTMLInputElement) return;
      const card = selected === null ? null : element.querySelector<HTMLElement>(`[data-task="${CSS.escape(selected)}"]`);
      (card ?? element).focus({ preventScroll: true });
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
    const release = (event: PointerEvent) => {
      if (!element.contains(event.target as Node)) delete element.dataset.focused;
    };
    const hand = (event: KeyboardEvent) => {
      if (!isLost(element) || event.target !== document.body) return;
      element.focus({ preventScroll: true });
      if (!element.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
    };
    document.addEventListener("focusin", mark);
    document.addEventListener("pointerdown", release);
    document.addEventListener("keydown", hand);
    return () => {
      document.removeEventListener("focusin", mark);
      document.removeEventListener("pointerdown", release);
      document.removeEventListener("keydown", hand);
    };
  }, [frame]);
}

const isLost = (frame: HTMLElement): boolean => document.activeElement === document.body && frame.dataset.focused !== undefined;
