import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { Diagnostic } from "../api/types";
import { t } from "../messages";
import { MarkdownLine } from "../ui/markdown";
import { Spinner } from "../ui/spinner";
import { ExplainCode } from "./explain_code";

const ICONS = {
  error: <CircleAlert size={14} className="mt-0.75 shrink-0 text-faulted" aria-label={t.diagnostics.error} />,
  warning: <TriangleAlert size={14} className="mt-0.75 shrink-0 text-waiting" aria-label={t.diagnostics.warning} />,
  hint: <Info size={14} className="mt-0.75 shrink-0 text-running" aria-label={t.diagnostics.hint} />,
};

interface Props {
  diagnostics: Diagnostic[];
  checking: boolean;
  onGo: (diagnostic: Diagnostic) => void;
}

/** Under the editor: one line when all is well, the list of problems when it is not. */
export function Problems({ diagnostics, checking, onGo }: Props) {
  return (
    <section aria-label={t.diagnostics.title} className="max-h-48 shrink-0 overflow-y-auto border-t bg-surface">
      <p role="status" className="sticky top-0 flex h-8 items-center gap-2 bg-surface px-4 text-xs text-soft">
        <Summary diagnostics={diagnostics} checking={checking} />
      </p>
      {diagnostics.length === 0 ? null : (
        <ul className="pb-1.5">
          {diagnostics.map((one, index) => (
            <li key={index} className="flex items-start pr-4 hover:bg-hover">
              <button type="button" onClick={() => onGo(one)} className="flex min-w-0 flex-1 items-start gap-2 py-1 pl-4 text-left text-sm -outline-offset-2">
                {ICONS[one.severity]}
                <span className="min-w-0 flex-1">
                  <MarkdownLine text={one.message} />
                  {one.hint === undefined ? null : (
                    <span className="block text-xs text-soft">
                      <MarkdownLine text={one.hint} />
                    </span>
                  )}
                </span>
                <span className="tabular shrink-0 pt-0.5 font-mono text-xs text-dim">
                  {one.line}:{one.column}
                </span>
              </button>
              <span className="pt-0.5 pl-2">
                <ExplainCode code={one.code} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Summary({ diagnostics, checking }: { diagnostics: Diagnostic[]; checking: boolean }) {
  if (checking && diagnostics.length === 0) {
    return (
      <>
        <Spinner size={12} /> {t.diagnostics.checking}
      </>
    );
  }
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const others = diagnostics.length - errors;
  if (diagnostics.length === 0) {
    return (
      <>
        <CircleCheck size={14} className="text-completed" /> {t.diagnostics.none}
      </>
    );
  }
  return <>{t.diagnostics.count(errors, others)}</>;
}
