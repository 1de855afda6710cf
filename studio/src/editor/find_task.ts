import type { Outline, OutlineTask } from "../api/types";
import { indexOf } from "../document/outline_index";

/**
 * The task whose text the line belongs to: of those that begin at or before it the last one that the line is still
 * inside of, by its indentation (in columns; a blank line is inside).
 */
export function taskAtLine(outline: Outline, line: number, text: string): OutlineTask | undefined {
  const indent = text.trim() === "" ? Infinity : text.length - text.trimStart().length;
  let found: OutlineTask | undefined;
  for (const { task } of indexOf(outline).byRef.values()) {
    const holds = task.line === line || (task.line < line && indent >= task.column);
    if (holds && (found === undefined || task.line >= found.line)) found = task;
  }
  return found;
}

/** Tasks whose name, kind or line of substance has every word typed; those whose name begins with it first. */
export function searchTasks(outline: Outline, typed: string): OutlineTask[] {
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...indexOf(outline).byRef.values()].map((entry) => entry.task);
  const matching = all.filter((task) => {
    const text = `${task.name} ${task.kind} ${task.detail}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
  const first = parts[0] ?? "";
  const rank = (task: OutlineTask) => (task.name.toLowerCase().startsWith(first) ? 0 : task.name.toLowerCase().includes(first) ? 1 : 2);
  return matching.sort((a, b) => rank(a) - rank(b));
}
