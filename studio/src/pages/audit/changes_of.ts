/** One place of what was changed: as it was, and as it is; undefined: it was, or is, not there. */
export interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Only what differs, in the order of the names; a list that has become longer or shorter is one place. */
export function changesOf(before: unknown, after: unknown, path = ""): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) return before.flatMap((one, index) => changesOf(one, after[index], `${path}[${index}]`));
  const asked = [before, after].filter((side) => side !== null && side !== undefined);
  if (asked.length === 0) return [];
  if (!asked.every(isObject)) return [{ path, before: before ?? undefined, after: after ?? undefined }];
  const [was, is] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return names.flatMap((name) => changesOf(was[name], is[name], path === "" ? name : `${path}.${name}`));
}

/** Short, as people write it. */
export const valueText = (value: unknown): string => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
