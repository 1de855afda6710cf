import { useEffect, useState } from "react";
import type { Rules } from "../../api/flow";
import { asProblem } from "../../api/problem";
import type { Json } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { draftOf, fitsForm, placeOf, rulesOf, sameRules, wrongIn, type LimitsDraft } from "./draft";
import { LimitsForm } from "./limits_form";

interface Props {
  /** What holds now. */
  rules: Rules;
  busy: boolean;
  error: unknown;
  /** What the error was of is not what stands there any more. */
  onChange: () => void;
  onSave: (rules: Rules) => void;
  /** What stands there differs from what holds; false at the latest when the editor is gone. */
  onDirty: (dirty: boolean) => void;
}

type View = "form" | "json";

const written = (rules: Json) => JSON.stringify(rules, null, 2);

/** The rules as a form, and as JSON: two views of the same text, so that nothing is hidden in either. */
export function LimitsEditor({ rules, busy, error, onChange, onSave, onDirty }: Props) {
  const [view, setView] = useState<View>(fitsForm(rules) ? "form" : "json");
  const [draft, setDraft] = useState<LimitsDraft>(() => draftOf(rules));
  const [text, setText] = useState(() => written(rules));
  const parsed = parseJson(text);
  const fromText = parsed.ok ? (parsed.value ?? {}) : null;
  const next: Json = view === "form" ? rulesOf(draft) : fromText;
  const wrong = view === "form" ? wrongIn(draft) : {};
  const dirty = next === null || !sameRules(next, rules);
  const valid = next !== null && Object.keys(wrong).length === 0;
  const place = error === null || view === "json" ? null : placeOf(asProblem(error).detail);
  useEffect(() => {
    onDirty(dirty);
    return () => onDirty(false);
  }, [dirty, onDirty]);
  const show = (to: View) => {
    if (to === "json") setText(written(rulesOf(draft)));
    else if (fitsForm(fromText)) setDraft(draftOf(fromText));
    setView(to);
  };
  const reset = () => {
    setDraft(draftOf(rules));
    setText(written(rules));
    onChange();
  };
  const canForm = view === "form" || fitsForm(fromText);
  return (
    <form
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid && dirty) onSave(next as Rules);
      }}
    >
      <div className="flex flex-wrap items-center gap-3">
        {canForm ? (
          <Segmented
            label={t.flow.limits.views.label}
            value={view}
            onChange={show}
            options={[
              { value: "form", label: t.flow.limits.views.form },
              { value: "json", label: t.flow.limits.views.json },
            ]}
          />
        ) : (
          <p className="text-sm text-soft">{parsed.ok ? t.flow.limits.jsonOnly : t.json.invalid}</p>
        )}
      </div>
      {view === "form" ? (
        <LimitsForm
          draft={draft}
          wrong={wrong}
          place={place}
          hint={error === null ? undefined : asProblem(error).hint}
          onChange={(change) => {
            setDraft((before) => ({ ...before, ...change }));
            onChange();
          }}
        />
      ) : (
        <JsonField
          label={t.flow.limits.json}
          hint={t.flow.limits.jsonHint}
          value={text}
          onChange={(typed) => {
            setText(typed);
            onChange();
          }}
        />
      )}
      {error !== null && place === null ? <ProblemPanel error={error} /> : null}
      <div className="sticky bottom-0 -mx-4 flex items-center justify-end gap-2 border-t bg-page px-4 py-3 md:-mx-6 md:px-6">
        {dirty ? (
          <>
            <span className="mr-auto text-xs text-dim">{t.flow.limits.unsaved}</span>
            <Button onClick={reset}>{t.flow.limits.reset}</Button>
          </>
        ) : null}
        <Button tone="primary" type="submit" busy={busy} disabled={!valid || !dirty}>
          {t.flow.limits.save}
        </Button>
      </div>
    </form>
  );
}
