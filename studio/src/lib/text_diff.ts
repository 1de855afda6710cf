/** Two texts line by line, as a person reads them: what stayed, went and came, with the long stretches alike left out. */
export interface DiffLine {
  kind: "same" | "gone" | "new" | "skipped";
  /** Of `skipped`: empty. */
  text: string;
  /** Line numbers from 1, in the text before and after; null where the line is not part of it. */
  before: number | null;
  after: number | null;
}

/** Lines alike around a change. */
const CONTEXT = 3;
/** Larger comparisons show one stretch as gone and one as new: the table of the algorithm would not fit. */
const CELLS_MAX = 4_000_000;

export function textDiff(before: string, after: string): DiffLine[] {
  const was = before.split("\n");
  const is = after.split("\n");
  let head = 0;
  while (head < was.length && head < is.length && was[head] === is[head]) head++;
  let tail = 0;
  while (tail < was.length - head && tail < is.length - head && was.at(-1 - tail) === is.at(-1 - tail)) tail++;
  const middle = compare(was.slice(head, was.length - tail), is.slice(head, is.length - tail));
  const same = (text: string): Step => ({ kind: "same", text });
  const steps = [...was.slice(0, head).map(same), ...middle, ...was.slice(was.length - tail).map(same)];
  return withoutLongStretches(numbered(steps));
}

type Step = Pick<DiffLine, "kind" | "text">;

/** By the longest common subsequence of lines. */
function compare(was: string[], is: string[]): Step[] {
  const gone = (text: string): Step => ({ kind: "gone", text });
  const added = (text: string): Step => ({ kind: "new", text });
  if (was.length * is.length > CELLS_MAX) return [...was.map(gone), ...is.map(added)];
  const width = is.length + 1;
  const length = new Uint32Array((was.length + 1) * width);
  const at = (i: number, j: number): number => length[i * width + j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--) {
    for (let j = is.length - 1; j >= 0; j--) {
      length[i * width + j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < was.length && j < is.length) {
    if (was[i] === is[j]) {
      steps.push({ kind: "same", text: was[i] as string });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) steps.push(gone(was[i++] as string));
    else steps.push(added(is[j++] as string));
  }
  return [...steps, ...was.slice(i).map(gone), ...is.slice(j).map(added)];
}

function numbered(steps: Step[]): DiffLine[] {
  let before = 0;
  let after = 0;
  return steps.map(({ kind, text }) => ({
    kind,
    text,
    before: kind === "new" ? null : ++before,
    after: kind === "gone" ? null : ++after,
  }));
}

function withoutLongStretches(lines: DiffLine[]): DiffLine[] {
  const kept = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.kind !== "same") kept.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  });
  return lines.flatMap((line, index) => {
    if (kept[index] === 1) return [line];
    const begins = index === 0 || kept[index - 1] === 1;
    return begins ? [{ kind: "skipped" as const, text: "", before: null, after: null }] : [];
  });
}
