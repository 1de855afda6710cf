import { clsx } from "clsx";
import { X } from "lucide-react";
import { useId, type ReactNode } from "react";
import { t } from "../messages";
import { useModal } from "./use_modal";

interface Props {
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  width?: "sm" | "md" | "lg";
  onSubmit?: () => void;
}

/** Where the focus goes: what the dialog asks for, else its main button, else its title. */
const FIRST = ["[data-autofocus]", "input", "button[type=submit]", "h2"];

const WIDTHS = { sm: "max-w-110", md: "max-w-140", lg: "max-w-180" };

const firstOf = (dialog: HTMLDialogElement) => FIRST.map((selector) => dialog.querySelector<HTMLElement>(selector)).find((element) => element !== null);

/** A modal dialog; Escape and a click beside it close it. */
export function Dialog({ open, ...rest }: Props & { open: boolean }) {
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ onClose, title, description, children, footer, width = "md", onSubmit }: Props) {
  const ref = useModal(firstOf);
  const titleId = useId();
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={clsx(
        "animate-pop m-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] overflow-hidden rounded-xl bg-raised p-0 whitespace-normal text-ink shadow-pop",
        WIDTHS[width],
      )}
    >
      <form
        method="dialog"
        className="flex max-h-[calc(100dvh-32px)] flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <header className="flex items-start gap-3 px-5 pt-4.5 pb-3">
          <div className="min-w-0 flex-1">
            <h2 id={titleId} tabIndex={-1} className="text-lg font-semibold text-balance outline-none">
              {title}
            </h2>
            {description === undefined ? null : <div className="mt-1 text-sm text-soft">{description}</div>}
          </div>
          {/* No tooltip in here: it would answer Escape before the dialog does. */}
          <button
            type="button"
            aria-label={t.common.close}
            onClick={onClose}
            className="-mr-1.5 inline-flex size-7 shrink-0 items-center pointer-coarse:size-10 justify-center rounded-md text-dim hover:bg-hover hover:text-ink"
          >
            <X size={16} />
          </button>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        {footer === undefined ? null : (
          <footer className="flex flex-wrap items-center justify-end gap-2 border-t bg-sunken px-5 py-3">{footer}</footer>
        )}
      </form>
    </dialog>
  );
}
