/**
 * A list of tasks as stretches that can be laid out on their own: from one task that every way passes to the next such
 * task. Most stretches are two tasks and the edge between them; only where ways part and meet does an engine have work.
 */
export interface Segment {
  /** Positions in the list, both included; a segment begins with the node that the one before ends with. */
  from: number;
  to: number;
}

/** `spans`: the positions that each edge joins, in any order. */
export function segmentsOf(count: number, spans: readonly (readonly [number, number])[]): Segment[] {
  const change = new Int32Array(count + 1);
  for (const [a, b] of spans) {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    // The nodes strictly between them are passed by.
    if (high - low < 2) continue;
    change[low + 1] = (change[low + 1] ?? 0) + 1;
    change[high] = (change[high] ?? 0) - 1;
  }
  const segments: Segment[] = [];
  let from = 0;
  let passing = 0;
  for (let at = 0; at < count; at++) {
    passing += change[at] ?? 0;
    if (at === 0 || passing > 0) continue;
    segments.push({ from, to: at });
    from = at;
  }
  return count === 1 ? [{ from: 0, to: 0 }] : segments;
}

/** The segment that an edge is part of. */
export const segmentOf = (segments: readonly Segment[], [a, b]: readonly [number, number]): number =>
  segments.findIndex(({ from, to }) => from <= Math.min(a, b) && Math.max(a, b) <= to);
