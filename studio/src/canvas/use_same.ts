import { useMemo, useRef } from "react";
import { keepSame } from "./flow";

/** The list with the objects of the last one wherever nothing changed. */
export function useSame<T extends { id: string }>(list: T[], same: (a: T, b: T) => boolean): T[] {
  const last = useRef<T[]>([]);
  return useMemo(() => (last.current = keepSame(last.current, list, same)), [list, same]);
}
