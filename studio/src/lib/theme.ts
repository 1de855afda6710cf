import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "./stored";

export type ThemeChoice = "system" | "light" | "dark";

const listeners = new Set<() => void>();
const systemDark = matchMedia("(prefers-color-scheme: dark)");

export function themeChoice(): ThemeChoice {
  const stored = readStored("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function chooseTheme(choice: ThemeChoice): void {
  writeStored("theme", choice);
  apply();
}

function isDark(): boolean {
  const choice = themeChoice();
  return choice === "dark" || (choice === "system" && systemDark.matches);
}

function apply(): void {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): { choice: ThemeChoice; dark: boolean } {
  const choice = useSyncExternalStore(subscribe, themeChoice);
  const dark = useSyncExternalStore(subscribe, isDark);
  return { choice, dark };
}
