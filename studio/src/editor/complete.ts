import { snippet, type Completion, type CompletionSource } from "@codemirror/autocomplete";
import type { Text } from "@codemirror/state";
import { completeAt, type CompletionItem } from "../api/language";
import { markdownElement } from "./markdown_dom";
import { offsetOf, positionOf } from "./position";
import { snippetTemplate } from "./snippet_template";

/** What may be filtered here without asking again: words, and the `$` of a variable. */
const WORD = /^[\w$.-]*$/;

/** What the compiler is asked about when the cursor is somewhere: a document, a place in it, and the way back from its places. */
export interface Question {
  doc: Text;
  at: number;
  back: (offset: number) => number;
}
/** Null when there is nothing to ask. */
export type Ask = (doc: Text, at: number) => Question | null;

/** The text of the editor is the document. */
export const asIs: Ask = (doc, at) => ({ doc, at, back: (offset) => offset });

/** Completion by the compiler. A request that typing has overtaken is given up; one that fails offers nothing. */
export const completeByServer =
  (ask: Ask): CompletionSource =>
  async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    if (!context.explicit && !worthAsking(line.text.slice(0, context.pos - line.from))) return null;
    const question = ask(context.state.doc, context.pos);
    if (question === null) return null;
    const controller = new AbortController();
    context.addEventListener("abort", () => controller.abort(), { onDocChange: true });
    try {
      const answer = await completeAt(question.doc.toString(), positionOf(question.doc, question.at), controller.signal);
      if (answer === null || answer.items.length === 0) return null;
      return { from: question.back(offsetOf(question.doc, answer.from)), options: answer.items.map(toCompletion), validFor: WORD };
    } catch {
      return null;
    }
  };

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
