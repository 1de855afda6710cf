import { minimalChange } from "./minimal_change";

interface Change {
  from: number;
  to: number;
  insert: string;
}

/**
 * From one text to another line by line, when both have as many lines: as formatting leaves them mostly. The cursor and
 * the folds of lines that stay alike are then kept. Else it is the one stretch that differs.
 */
export function lineChanges(before: string, after: string): Change[] {
  const was = before.split("\n");
  const is = after.split("\n");
  if (was.length !== is.length) return before === after ? [] : [minimalChange(before, after)];
  const changes: Change[] = [];
  let at = 0;
  was.forEach((line, index) => {
    const next = is[index] as string;
    if (line !== next) {
      const { from, to, insert } = minimalChange(line, next);
      changes.push({ from: at + from, to: at + to, insert });
    }
    at += line.length + 1;
  });
  return changes;
}
