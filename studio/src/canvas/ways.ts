import type { OutlineTask } from "../api/types";
import type { Way } from "../document/gestures";
import { holdsSteps, type TaskEntry } from "../document/outline_index";
import { t } from "../messages";
import type { PickItem } from "./pick_items";

/** A way on that a task, or a case of it, could take; chosen from a list by those who do not drag. */
export interface WayItem extends PickItem {
  way: Way;
  target: string;
}

const WORDS = ["continue", "exit", "end"] as const;

/** Of a `switch`, the ways of each case come first; then its own, for when no case matches. */
export function wayItems({ key, task, list }: TaskEntry): WayItem[] {
  if (holdsSteps(list)) return [];
  const cases = task.kind === "switch" ? (task.cases ?? []) : [];
  const targets = list.tasks.filter((one) => one.ref !== task.ref);
  const ofCases = cases.flatMap((one, position) => waysTo(targets, { key, case: position }, one.then, t.ways.ofCase(one.name)));
  return [...ofCases, ...waysTo(targets, { key }, task.then ?? "continue", cases.length === 0 ? t.ways.group : t.ways.otherwise)];
}

function waysTo(targets: OutlineTask[], way: Way, now: string, group: string): WayItem[] {
  const item = (target: string, title: string, kind: PickItem["kind"], icon?: string): WayItem => ({
    id: `${way.case ?? ""}:${target}`,
    way,
    target,
    kind,
    icon,
    title,
    note: target === now ? t.ways.now : way.case === undefined ? t.ways.note[isWord(target) ? target : "task"] : group,
    group,
  });
  return [...targets.map((task) => item(task.name, task.name, task.kind, task.icon)), ...WORDS.map((word) => item(word, t.form.flow[word], "do"))];
}

const isWord = (target: string): target is (typeof WORDS)[number] => (WORDS as readonly string[]).includes(target);
