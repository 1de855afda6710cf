import { indentService } from "@codemirror/language";

const STEP = 2;

/**
 * Where the line after one begins, in columns: under a key that has no value yet one step deeper than the key, which in a
 * list item stands behind its dash; after a value at the key, to go on with the next one.
 */
export function indentAfter(line: string): number {
  const lead = /^\s*(?:-\s+)*/.exec(line)?.[0].length ?? 0;
  const opens = /:\s*(?:[|>][+-]?\d?\s*)?(?:\s#.*)?$/.test(line);
  return opens ? lead + STEP : lead;
}

/** Blank lines take after the last line that says something. */
export const yamlIndent = indentService.of((context, pos) => {
  const { doc } = context.state;
  let number = doc.lineAt(pos).number;
  // Asked for the line that is being made, or for the one that is being indented again.
  const text = context.lineAt(pos, -1).text;
  if (text.trim() !== "" && context.simulatedBreak === pos) return indentAfter(text);
  for (number -= 1; number >= 1; number--) {
    const above = doc.line(number).text;
    if (above.trim() !== "") return indentAfter(above);
  }
  return null;
});
