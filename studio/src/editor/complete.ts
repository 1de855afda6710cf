import { snippetCompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { t } from "../messages";

/** A whole task of each kind, offered where a list item begins. */
const TASKS = [
  ["set", "${name}:\n\tset:\n\t\t${field}: ${value}"],
  ["call", "${name}:\n\tcall: http\n\twith:\n\t\tmethod: get\n\t\tendpoint: ${http://localhost:8000/v1/system}"],
  ["wait", "${name}:\n\twait:\n\t\tseconds: ${5}"],
  ["for", "${name}:\n\tfor:\n\t\teach: ${item}\n\t\tin: ${.items}\n\tdo:\n\t\t- ${step}:\n\t\t\t\tset:\n\t\t\t\t\t${field}: ${value}"],
  ["switch", "${name}:\n\tswitch:\n\t\t- ${first}:\n\t\t\t\twhen: ${.amount > 100}\n\t\t\t\tthen: ${end}\n\t\t- ${otherwise}:\n\t\t\t\tthen: continue"],
  ["try", "${name}:\n\ttry:\n\t\t- ${step}:\n\t\t\t\tcall: http\n\t\t\t\twith:\n\t\t\t\t\tmethod: get\n\t\t\t\t\tendpoint: ${http://localhost:8000/v1/system}\n\tcatch:\n\t\tretry:\n\t\t\tdelay:\n\t\t\t\tseconds: 1\n\t\t\tlimit:\n\t\t\t\tattempt:\n\t\t\t\t\tcount: 3"],
  ["fork", "${name}:\n\tfork:\n\t\tbranches:\n\t\t\t- ${left}:\n\t\t\t\t\tset:\n\t\t\t\t\t\t${field}: ${value}\n\t\t\t- ${right}:\n\t\t\t\t\tset:\n\t\t\t\t\t\t${field}: ${value}"],
  ["raise", "${name}:\n\traise:\n\t\terror:\n\t\t\ttype: ${https://example.com/errors/refused}\n\t\t\tstatus: ${400}\n\t\t\ttitle: ${Refused}"],
] as const;

const OPTIONS = TASKS.map(([kind, body]) =>
  // A task's own lines stand two levels under its dash.
  snippetCompletion(body.replaceAll("\n", "\n\t"), { label: kind, detail: t.kinds[kind], type: "keyword" }),
);

export function completeTask(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const item = /^\s*- (\w*)$/.exec(before);
  if (item === null) return null;
  return { from: context.pos - (item[1]?.length ?? 0), options: OPTIONS, validFor: /^\w*$/ };
}
