import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Spinner } from "./spinner";
import { Kbd } from "./kbd";

export type ButtonTone = "primary" | "secondary" | "ghost" | "danger";
type Size = "sm" | "md";

const TONES: Record<ButtonTone, string> = {
  primary: "bg-button text-on-button hover:bg-button-hover border-transparent",
  secondary: "bg-surface text-ink border-line-strong hover:bg-hover hover:border-line-hover shadow-card",
  ghost: "bg-transparent text-soft border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-faulted-soft text-faulted border-faulted-line hover:border-faulted",
};

export function buttonClass(tone: ButtonTone = "secondary", size: Size = "md"): string {
  return clsx(
    "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none",
    "transition-colors duration-120 disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
    size === "md" ? "h-8 px-3 text-sm pointer-coarse:h-10" : "h-7 px-2.5 text-xs pointer-coarse:h-9",
    TONES[tone],
  );
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: ButtonTone;
  size?: Size;
  icon?: ReactNode;
  busy?: boolean;
  keys?: string;
}

export function Button({ tone, size, icon, busy = false, keys, children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(tone, size), className)}
    >
      {busy ? <Spinner /> : icon}
      {children}
      {keys === undefined ? null : <Kbd keys={keys} quiet />}
    </button>
  );
}
