import { useMemo, useState, type ReactNode } from "react";
import { asProblem, type Problem } from "../api/problem";
import type { Decision, Question, SentAnswer, SentFile } from "../api/tasks";
import { t } from "../messages";
import { Field, TextArea } from "../ui/field";
import { ProblemPanel } from "../ui/problem_panel";
import { DecisionButtons } from "./decision_buttons";
import { FieldInput } from "./field_input";
import { fieldOfPointer, fieldsOf, valuesOf, type Drafts } from "./form_fields";

interface Props {
  question: Question;
  /** Throws the server's problem. */
  onAnswer: (answer: SentAnswer) => Promise<unknown>;
  onFile: (file: File) => Promise<SentFile>;
  /** Above the buttons. */
  children?: ReactNode;
  disabled?: boolean;
}

/** The fields of a question, a comment, and a button for each decision. */
export function AnswerForm({ question, onAnswer, onFile, children, disabled = false }: Props) {
  const fields = useMemo(() => fieldsOf(question.form), [question.form]);
  const decisions = question.decisions ?? [];
  const [drafts, setDrafts] = useState<Drafts>({});
  const [comment, setComment] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState<string | null>(null);

  const refuse = (found: Record<string, string>) => {
    setErrors(found);
    const [first] = Object.keys(found);
    const place = first === undefined ? null : document.querySelector(`[data-form-field="${CSS.escape(first)}"]`);
    place?.querySelector<HTMLElement>("input, textarea, select")?.focus();
  };
  const decide = async (decision: Decision) => {
    const { found, values } = check(fields, drafts, decision, comment);
    setProblem(null);
    refuse(found);
    if (Object.keys(found).length > 0) return;
    setBusy(decision.id);
    try {
      await onAnswer({ decision: decision.id, ...(decision.form && fields.length > 0 ? { values } : {}), ...(comment.trim() === "" ? {} : { comment: comment.trim() }) });
    } catch (error) {
      const refused = asProblem(error);
      const named = Object.fromEntries(refused.errors.map((one) => [fieldOfPointer(one.pointer) ?? one.pointer.slice(1), one.detail]));
      if (Object.keys(named).length > 0) refuse(named);
      setProblem(refused);
    } finally {
      setBusy(null);
    }
  };
  const unplaced = problem !== null && problem.errors.every((one) => fieldOfPointer(one.pointer) === null && one.pointer !== "/comment");
  return (
    <div className="flex flex-col gap-4">
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          draft={drafts[field.name] ?? field.initial}
          error={errors[field.name]}
          onFile={onFile}
          onChange={(draft) => {
            setDrafts((before) => ({ ...before, [field.name]: draft }));
            setErrors((before) => Object.fromEntries(Object.entries(before).filter(([name]) => name !== field.name)));
          }}
        />
      ))}
      {decisions.every((one) => one.comment === "none") ? null : (
        <div data-form-field="comment">
          <Field label={decisions.every((one) => one.comment === "required") ? t.inbox.answer.comment : t.inbox.answer.commentOptional} error={errors.comment}>
            {(props) => (
              <TextArea {...props} value={comment} rows={2} maxLength={10_000} onChange={(event) => setComment(event.target.value)} />
            )}
          </Field>
        </div>
      )}
      {children}
      {unplaced ? <ProblemPanel error={problem} /> : null}
      <DecisionButtons decisions={decisions} busy={busy} disabled={disabled} onDecide={(one) => void decide(one)} />
    </div>
  );
}

function check(fields: ReturnType<typeof fieldsOf>, drafts: Drafts, decision: Decision, comment: string) {
  const { values, problems } = valuesOf(fields, drafts);
  const found: Record<string, string> = {};
  if (decision.form) for (const [name, why] of Object.entries(problems)) found[name] = t.inbox.field[why];
  if (decision.comment === "required" && comment.trim() === "") found.comment = t.inbox.answer.commentRequired(decision.title);
  return { found, values };
}
