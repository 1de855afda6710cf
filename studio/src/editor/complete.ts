import { snippet, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { completeAt, type CompletionItem } from "../api/language";
import { markdownElement } from "./markdown_dom";
import { offsetOf, positionOf } from "./position";
import { snippetTemplate } from "./snippet_template";

/** What may be filtered here without asking again: words, and the `$` of a variable. */
const WORD = /^[\w$.-]*$/;

/** Completion by the compiler. A request that typing has overtaken is given up; one that fails offers nothing. */
export async function completeByServer(context: CompletionContext): Promise<CompletionResult | null> {
  const { doc } = context.state;
  if (!context.explicit && !worthAsking(doc.lineAt(context.pos).text.slice(0, context.pos - doc.lineAt(context.pos).from))) return null;
  const controller = new AbortController();
  context.addEventListener("abort", () => controller.abort(), { onDocChange: true });
  try {
    const answer = await completeAt(doc.toString(), positionOf(doc, context.pos), controller.signal);
    if (answer === null || answer.items.length === 0) return null;
    return { from: offsetOf(doc, answer.from), options: answer.items.map(toCompletion), validFor: WORD };
  } catch {
    return null;
  }
}

/** While one types: where a value, a task, a variable or a field begins, or a word of any of them; not in a comment, nor on a blank line, where Enter is meant as Enter. */
export function worthAsking(before: string): boolean {
  return !/(^|\s)#/.test(before) && /[\w$.-]$|:\s$|-\s$|\{\s*$|\|\s*$/.test(before);
}

function toCompletion(item: CompletionItem, index: number): Completion {
  return {
    label: item.label,
    detail: item.detail,
    type: item.kind,
    // The server's order is the better one among equally good matches.
    boost: -Math.min(99, index),
    info: item.documentation === undefined || item.documentation === "" ? undefined : () => markdownElement(item.documentation ?? ""),
    apply: item.snippet ? applySnippet(item.snippet) : item.insert,
  };
}

const applySnippet =
  (text: string): Exclude<Completion["apply"], string | undefined> =>
  (view, completion, from, to) => {
    const indent = /^\s*/.exec(view.state.doc.lineAt(from).text)?.[0] ?? "";
    snippet(snippetTemplate(text, indent))(view, completion, from, to);
  };
