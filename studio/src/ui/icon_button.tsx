import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Tooltip } from "./tooltip";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  label: string;
  icon: ReactNode;
  keys?: string;
  side?: "top" | "bottom" | "right" | "left";
}

export function IconButton({ label, icon, keys, side, className, ...rest }: Props) {
  return (
    <Tooltip text={label} keys={keys} side={side}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={clsx(
          "inline-flex size-7 pointer-coarse:size-10 shrink-0 items-center justify-center rounded-md text-dim transition-colors duration-120",
          "hover:bg-hover hover:text-ink aria-pressed:bg-press aria-pressed:text-ink disabled:pointer-events-none disabled:opacity-45",
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
