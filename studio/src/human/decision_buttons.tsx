import { useRef } from "react";
import type { Decision } from "../api/tasks";
import { t } from "../messages";
import { useShortcut } from "../lib/shortcuts";
import { Button } from "../ui/button";

interface Props {
  decisions: Decision[];
  /** The decision that is being sent. */
  busy: string | null;
  disabled: boolean;
  onDecide: (decision: Decision) => void;
}

/** A number goes to a button, Enter presses it: nobody decides by one slip of a finger. Ctrl+Enter sends the first one. */
export function DecisionButtons({ decisions, busy, disabled, onDecide }: Props) {
  const [first] = decisions;
  useShortcut("mod+enter", () => first === undefined || onDecide(first), !disabled && busy === null);
  return (
    <div role="group" aria-label={t.inbox.answer.decisions} className="flex flex-wrap gap-2 max-sm:sticky max-sm:bottom-0 max-sm:-mx-4 max-sm:border-t max-sm:bg-page max-sm:px-4 max-sm:py-3">
      {decisions.map((decision, index) => (
        <DecisionButton key={decision.id} decision={decision} number={index + 1} busy={busy} disabled={disabled} onDecide={onDecide} />
      ))}
    </div>
  );
}

function DecisionButton({ decision, number, busy, disabled, onDecide }: Omit<Props, "decisions"> & { decision: Decision; number: number }) {
  const ref = useRef<HTMLSpanElement>(null);
  useShortcut(String(number % 10), () => ref.current?.querySelector("button")?.focus());
  return (
    <span ref={ref} className="max-sm:flex-1">
      <Button
        tone={decision.style}
        keys={String(number % 10)}
        busy={busy === decision.id}
        disabled={disabled || (busy !== null && busy !== decision.id)}
        onClick={() => onDecide(decision)}
        data-decision={decision.id}
        className="max-sm:h-10 max-sm:w-full"
      >
        {decision.title}
      </Button>
    </span>
  );
}
