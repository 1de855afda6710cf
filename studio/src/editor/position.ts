import type { Text } from "@codemirror/state";
import type { Position, TextChange } from "../api/language";

/** Between the server's places (line and column from 1, columns in code points) and the editor's offsets (UTF-16 units). */
export function offsetOf(doc: Text, { line, column }: Position): number {
  // The place may be of a text that has changed since.
  const at = doc.line(Math.min(Math.max(1, line), doc.lines));
  return at.from + unitsOf(at.text, Math.max(0, column - 1));
}

export function positionOf(doc: Text, offset: number): Position {
  const line = doc.lineAt(offset);
  return { line: line.number, column: codePoints(line.text.slice(0, offset - line.from)) + 1 };
}

export function changeSpec(doc: Text, change: TextChange): { from: number; to: number; insert: string } {
  const from = offsetOf(doc, change.from);
  return { from, to: Math.max(from, offsetOf(doc, change.to)), insert: change.insert };
}

function unitsOf(text: string, points: number): number {
  let units = 0;
  for (let left = points; left > 0 && units < text.length; left--) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

function codePoints(text: string): number {
  let points = 0;
  for (const character of text) points += character === "" ? 0 : 1;
  return points;
}
