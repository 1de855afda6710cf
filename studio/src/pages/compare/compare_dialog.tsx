import { useMemo, type ReactNode } from "react";
import { textDiff, type DiffLine } from "../../lib/text_diff";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Meaning } from "./meaning";

export interface Side {
  /** What it is called: a version, or the draft. */
  label: string;
  source: string;
}

interface Props {
  before: Side;
  after: Side;
  /** What can be done about it. */
  children?: ReactNode;
  onClose: () => void;
}

/** What differs between two texts of a workflow: what it means, as the compiler sees it, and the lines. */
export function CompareDialog({ before, after, children, onClose }: Props) {
  return (
    <Dialog
      open
      width="lg"
      onClose={onClose}
      title={t.compare.title(before.label, after.label)}
      footer={
        <Button onClick={onClose} data-autofocus>
          {t.common.close}
        </Button>
      }
    >
      {before.source === after.source ? (
        <p className="text-sm text-soft">{t.compare.alike}</p>
      ) : (
        <div className="flex flex-col gap-5">
          <Meaning before={before.source} after={after.source} />
          {children}
          <Lines before={before.source} after={after.source} />
        </div>
      )}
    </Dialog>
  );
}

function Lines({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => textDiff(before, after), [before, after]);
  return (
    <section aria-label={t.compare.lines}>
      <h3 className="mb-2 text-sm font-semibold">{t.compare.lines}</h3>
      <div tabIndex={0} role="group" aria-label={t.compare.lines} className="overflow-x-auto rounded-md border bg-sunken py-1.5 font-mono text-xs leading-5 -outline-offset-2">
        <div className="w-max min-w-full">
          {lines.map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </div>
      </div>
    </section>
  );
}

const TONES: Record<DiffLine["kind"], string> = { same: "text-soft", skipped: "text-dim", gone: "bg-faulted-soft text-faulted", new: "bg-completed-soft text-completed" };
const MARKS: Record<DiffLine["kind"], string> = { same: " ", skipped: " ", gone: "−", new: "+" };

function Line({ line }: { line: DiffLine }) {
  return (
    <div data-line={line.kind} className={`flex ${TONES[line.kind]}`}>
      <span aria-hidden="true" className="tabular w-10 shrink-0 pr-2 text-right opacity-70 select-none">
        {line.after ?? line.before ?? ""}
      </span>
      <span className="w-4 shrink-0 select-none">
        <span aria-hidden="true">{MARKS[line.kind]}</span>
        {line.kind === "gone" || line.kind === "new" ? <span className="sr-only">{t.compare.marks[line.kind]}</span> : null}
      </span>
      <span className="pr-4 whitespace-pre">{line.kind === "skipped" ? "⋯" : line.text}</span>
    </div>
  );
}
