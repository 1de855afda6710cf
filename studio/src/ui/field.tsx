import { clsx } from "clsx";
import { useId, type ComponentProps, type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes } from "react";
import { ChevronDown } from "lucide-react";

/** On a touch screen with 16 px: into smaller text a phone zooms when it is touched. */
const inputClass =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm pointer-coarse:text-lg text-ink shadow-card transition-colors duration-120 hover:border-line-hover focus:border-accent focus:outline-2 focus:-outline-offset-1 focus:outline-accent aria-invalid:border-faulted";

/** Of one line. */
const HEIGHT = "h-8 pointer-coarse:h-10";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string;
  children: (props: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        "aria-describedby": note === undefined ? undefined : noteId,
        "aria-invalid": error === undefined ? undefined : true,
      })}
      {note === undefined ? null : (
        <p id={noteId} className={clsx("text-xs", error === undefined ? "text-dim" : "text-faulted")}>
          {note}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input {...rest} className={clsx(inputClass, HEIGHT, className)} />;
}

/** Of several lines; whoever writes more may pull it larger. */
export function TextArea({ className, mono = false, ...rest }: ComponentProps<"textarea"> & { mono?: boolean }) {
  return <textarea {...rest} className={clsx(inputClass, "min-h-14 resize-y py-1.5 leading-5", mono && "font-mono text-xs!", className)} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={clsx("relative inline-flex", className)}>
      <select {...rest} className={clsx(inputClass, HEIGHT, "appearance-none pr-7")}>
        {children}
      </select>
      <ChevronDown size={14} className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 text-dim" />
    </span>
  );
}
