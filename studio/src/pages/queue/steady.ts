import { useState, type PointerEvent } from "react";

/** One row of a list that does not jump: `gone` ones stay where they are while somebody looks. */
export interface Row<T> {
  id: string;
  item: T;
  gone: boolean;
}

/**
 * What is shown of a list that changes by itself. Held: every row keeps its place, new ones come at the end, and what is not in the list any
 * more is marked; else the list is shown as it is.
 */
export function steadyRows<T>(shown: Row<T>[], fresh: T[], idOf: (item: T) => string, held: boolean): Row<T>[] {
  if (!held) return fresh.map((item) => ({ id: idOf(item), item, gone: false }));
  const now = new Map(fresh.map((item) => [idOf(item), item]));
  const kept = shown.map((row) => {
    const item = now.get(row.id);
    return item === undefined ? { ...row, gone: true } : { id: row.id, item, gone: false };
  });
  const known = new Set(shown.map((row) => row.id));
  const added = fresh.filter((item) => !known.has(idOf(item))).map((item) => ({ id: idOf(item), item, gone: false }));
  return [...kept, ...added];
}

/** Holds the rows still while a mouse is over them or the focus is among them. `area` goes to the element around them. */
export function useSteadyRows<T>(fresh: T[], idOf: (item: T) => string) {
  const [pointer, setPointer] = useState(false);
  const [focus, setFocus] = useState(false);
  const held = pointer || focus;
  const [seen, setSeen] = useState<{ fresh: T[]; held: boolean; rows: Row<T>[] }>(() => ({ fresh, held, rows: steadyRows([], fresh, idOf, false) }));
  let rows = seen.rows;
  // Derived from what came before, so it is state; set while rendering, as React has it for such.
  if (seen.fresh !== fresh || seen.held !== held) {
    rows = steadyRows(seen.rows, fresh, idOf, held);
    setSeen({ fresh, held, rows });
  }
  const area = {
    onPointerEnter: (event: PointerEvent) => event.pointerType === "mouse" && setPointer(true),
    onPointerLeave: () => setPointer(false),
    onFocus: () => setFocus(true),
    onBlur: () => setFocus(false),
  };
  return { rows, held, area };
}
