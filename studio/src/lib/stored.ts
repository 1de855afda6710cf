import { useCallback, useState } from "react";

/** A preference kept in this browser. Blocked storage means it lasts until the page closes. */
export function useStored<T extends string>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (readStored(key) as T | null) ?? initial);
  const change = useCallback(
    (next: T) => {
      setValue(next);
      writeStored(key, next);
    },
    [key],
  );
  return [value, change];
}

export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(`elevaite.${key}`);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(`elevaite.${key}`, value);
  } catch {
    // Nothing to do: the preference is not kept.
  }
}
