import type { Outline, OutlineTask } from "../api/types";

export function allTasks(tasks: OutlineTask[]): OutlineTask[] {
  return tasks.flatMap((task) => [
    task,
    ...allTasks(task.children ?? []),
    ...allTasks(task.branches ?? []),
    ...allTasks(task.catch ?? []),
  ]);
}

export function taskByRef(outline: Outline | null, ref: string): OutlineTask | undefined {
  return outline === null ? undefined : allTasks(outline.tasks).find((task) => task.ref === ref);
}

/** The task whose text the line belongs to: the last that begins at or before it. */
export function taskAtLine(outline: Outline | null, line: number): OutlineTask | undefined {
  if (outline === null) return undefined;
  return allTasks(outline.tasks)
    .filter((task) => task.line <= line)
    .sort((a, b) => a.line - b.line)
    .at(-1);
}
