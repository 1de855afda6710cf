import type { TaskKind } from "../api/types";

/** What can be chosen from a list over the canvas. */
export interface PickItem {
  id: string;
  kind: TaskKind;
  icon?: string;
  title: string;
  note: string;
  group: string;
}

/** Every word typed must begin a word of an item; titles and ids count before notes. */
export function findItems<T extends PickItem>(items: T[], typed: string): T[] {
  const parts = wordsOf(typed);
  if (parts.length === 0) return items;
  const has = (text: string) => {
    const words = wordsOf(text);
    return parts.every((part) => words.some((word) => word.startsWith(part)));
  };
  const named = items.filter((one) => has(`${one.id} ${one.title}`));
  return [...named, ...items.filter((one) => !named.includes(one) && has(`${one.id} ${one.title} ${one.note}`))];
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
