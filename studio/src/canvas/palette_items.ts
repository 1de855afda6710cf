import type { Connector, TaskKind } from "../api/types";
import type { NewTask } from "../document/gestures";
import { callStarter, STARTERS } from "../document/starters";
import { t } from "../messages";

export interface PaletteItem {
  id: string;
  kind: TaskKind;
  icon?: string;
  title: string;
  note: string;
  group: string;
  task: NewTask;
}

const STEPS: TaskKind[] = ["set", "wait", "emit", "listen", "run", "raise"];
const FLOW: TaskKind[] = ["switch", "for", "fork", "try", "do"];

/** What can be added: what reaches outside first, then steps, then what holds others. */
export function paletteItems(connectors: Connector[]): PaletteItem[] {
  const ofKind = (group: string) => (kind: TaskKind): PaletteItem => ({
    id: kind,
    kind,
    title: t.kinds[kind],
    note: t.kindNotes[kind],
    group,
    task: STARTERS[kind],
  });
  const calls = connectors.map((one): PaletteItem => ({
    id: `call:${one.name}`,
    kind: "call",
    icon: one.icon,
    title: one.title,
    note: one.description,
    group: t.add.groups.calls,
    task: callStarter(one),
  }));
  const plain = calls.length === 0 ? [ofKind(t.add.groups.calls)("call")] : calls;
  return [...plain, ...STEPS.map(ofKind(t.add.groups.steps)), ...FLOW.map(ofKind(t.add.groups.flow))];
}

/** Every word typed must begin a word of an item; titles and ids count before notes. */
export function findItems(items: PaletteItem[], typed: string): PaletteItem[] {
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
