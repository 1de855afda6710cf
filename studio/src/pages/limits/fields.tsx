import { createContext, useContext, useId, type ReactNode } from "react";
import { t } from "../../messages";
import { Field, Input } from "../../ui/field";
import type { Wrong } from "./draft";

/** What is wrong with a field, by the path that the server has for it: said here at once, or by the server. */
export interface Complaints {
  wrong: Record<string, Wrong>;
  place: { path: string; message: string } | null;
  hint: string | undefined;
}

const ComplaintsContext = createContext<Complaints>({ wrong: {}, place: null, hint: undefined });
export const ComplaintsOf = ComplaintsContext.Provider;

const WORDS: Record<Wrong, string> = {
  number: t.flow.limits.number,
  duration: t.flow.limits.duration,
  key: t.flow.limits.keyMissing,
  twice: t.flow.limits.keyTwice,
  together: t.flow.limits.notTogether,
};

export function useComplaint(path: string): string | undefined {
  const { wrong, place, hint } = useContext(ComplaintsContext);
  const known = wrong[path];
  if (known !== undefined) return WORDS[known];
  return place?.path === path ? [place.message, hint].filter(Boolean).join(": ") : undefined;
}

interface FieldProps {
  path: string;
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
}

export function CountField({ path, label, hint, value, onChange, placeholder }: FieldProps) {
  return (
    <Field label={label} hint={hint} error={useComplaint(path)}>
      {(props) => <Input {...props} inputMode="numeric" placeholder={placeholder} value={value} onChange={(event) => onChange(event.target.value)} className="tabular" />}
    </Field>
  );
}

export function TimeField({ path, label, hint, value, onChange }: FieldProps) {
  return (
    <Field label={label} hint={hint ?? t.flow.limits.duration} error={useComplaint(path)}>
      {(props) => <Input {...props} value={value} spellCheck={false} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

/** An expression without the `${ }` around it. */
export function ExpressionField({ path, label, hint, value, onChange, placeholder = ".customer" }: FieldProps) {
  return (
    <Field label={label} hint={hint} error={useComplaint(path)}>
      {(props) => <Input {...props} value={value} placeholder={placeholder} spellCheck={false} autoComplete="off" onChange={(event) => onChange(event.target.value)} className="font-mono text-xs" />}
    </Field>
  );
}

interface RuleProps {
  /** Of what the server says of the rule as a whole. */
  path: string;
  title: string;
  detail: string;
  on: boolean;
  onSwitch: (on: boolean) => void;
  children: ReactNode;
}

/** One rule: what it does, whether it holds, and its fields when it does. */
export function Rule({ path, title, detail, on, onSwitch, children }: RuleProps) {
  const id = useId();
  const complaint = useComplaint(path);
  return (
    <section data-rule={path} aria-label={title} className="rounded-lg border bg-surface">
      <label htmlFor={id} className="flex cursor-pointer items-start gap-3 px-4 py-3">
        <input id={id} type="checkbox" checked={on} onChange={(event) => onSwitch(event.target.checked)} aria-describedby={`${id}-detail`} className="mt-0.5 size-4 shrink-0 accent-(--accent)" />
        <span className="min-w-0">
          <span className="block text-sm font-medium">{title}</span>
          <span id={`${id}-detail`} className="block text-sm text-soft">
            {detail}
          </span>
        </span>
      </label>
      {on ? <div className="flex flex-col gap-4 border-t px-4 py-4">{children}</div> : null}
      {complaint === undefined || !on ? null : (
        <p role="alert" className="border-t px-4 py-2 text-xs text-faulted">
          {complaint}
        </p>
      )}
    </section>
  );
}

export const Row = ({ children }: { children: ReactNode }) => <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">{children}</div>;
