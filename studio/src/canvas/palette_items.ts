import type { Connector, TaskKind } from "../api/types";
import type { NewTask } from "../document/gestures";
import { callStarter, STARTERS } from "../document/starters";
import { t } from "../messages";
import type { PickItem } from "./pick_items";

export interface PaletteItem extends PickItem {
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
