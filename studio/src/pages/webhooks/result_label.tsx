import { clsx } from "clsx";
import { CircleCheck, CircleMinus, CircleX, Copy, Eye, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import type { HookResult } from "../../api/webhooks";
import { t } from "../../messages";

const GOOD = { icon: <CircleCheck size={14} />, tone: "text-completed" };
const QUIET = { icon: <CircleMinus size={14} />, tone: "text-soft" };
const BAD = { icon: <CircleX size={14} />, tone: "text-faulted" };

const LOOKS: Record<HookResult, { icon: ReactNode; tone: string }> = {
  started: GOOD,
  verified: GOOD,
  replayed: { icon: <RotateCw size={14} />, tone: "text-completed" },
  duplicate: { icon: <Copy size={14} />, tone: "text-soft" },
  ignored: QUIET,
  captured: { icon: <Eye size={14} />, tone: "text-waiting" },
  disabled: QUIET,
  unauthenticated: BAD,
  too_large: BAD,
  unsupported: BAD,
  invalid: BAD,
  wrong_method: BAD,
  failed: BAD,
};

/** What became of a request: a shape and a word, coloured. */
export function ResultLabel({ result, className }: { result: HookResult; className?: string }) {
  const { icon, tone } = LOOKS[result];
  return (
    <span data-result={result} className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap", tone, className)}>
      {icon}
      {t.webhooks.results[result]}
    </span>
  );
}
