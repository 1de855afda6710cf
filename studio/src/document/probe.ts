import { isMap, isNode, isSeq, parseDocument, type Document } from "yaml";
import type { OutlineTask } from "../api/types";
import { unescapeName } from "./outline_index";
import { ownSlice } from "./task_text";

/**
 * A document as it would be if the text in a field of a form stood in it: what the compiler is asked about, while the
 * document itself changes only when typing pauses.
 */
export interface Probe {
  source: string;
  /** From a place in the field's text to one in `source`, and back. */
  toSource: (offset: number) => number;
  toField: (offset: number) => number;
}

/** `path` leads from the task to the field; `bare`: the text is an expression without its `${ }`. Null when there is no such place. */
export function probeOf(source: string, task: OutlineTask, path: readonly string[], text: string, bare: boolean): Probe | null {
  const place = placeOf(source, task, path);
  if (place === null) return null;
  const gap = /[\s,[{]/.test(source[place.from - 1] ?? " ") ? "" : " ";
  // In single quotes only the quote itself has to be written otherwise; a line break would be folded.
  const open = `${gap}'${bare ? "${ " : ""}`;
  const close = `${bare ? " }" : ""}'`;
  const written = text.replaceAll("\n", " ").replaceAll("'", "''");
  const begin = place.from + open.length;
  return {
    source: source.slice(0, place.from) + open + written + close + source.slice(place.to),
    toSource: (offset) => begin + offset + quotesIn(text.slice(0, offset)),
    toField: (offset) => {
      let at = 0;
      for (let left = offset - begin; left > 0 && at < text.length; at++) left -= text[at] === "'" ? 2 : 1;
      return at;
    },
  };
}

const quotesIn = (text: string): number => text.split("'").length - 1;

function placeOf(source: string, task: OutlineTask, path: readonly string[]): { from: number; to: number } | null {
  const own = ownSlice(source, task);
  const segments = own === null ? task.ref.split("/").slice(1).map(unescapeName) : ["0", task.name];
  const doc = parseDocument(own?.text ?? source, { prettyErrors: false });
  const range = rangeAt(doc, [...segments, ...path]);
  if (range === null) return null;
  const from = (own?.from ?? 0) + range.from;
  const to = (own?.from ?? 0) + range.to;
  // The line break behind a block text is not its own.
  return { from, to: from + source.slice(from, to).trimEnd().length };
}

function rangeAt(doc: Document, path: readonly string[]): { from: number; to: number } | null {
  let node: unknown = doc.contents;
  for (const segment of path) {
    if (isMap(node)) node = node.get(segment, true);
    else node = isSeq(node) ? node.items[Number(segment)] : undefined;
  }
  return isNode(node) && node.range ? { from: node.range[0], to: node.range[1] } : null;
}
