import { useQuery } from "@tanstack/react-query";
import * as Popover from "@radix-ui/react-popover";
import { useState } from "react";
import { explainQuery } from "../api/queries";
import { t } from "../messages";
import { Markdown } from "../ui/markdown";
import { ProblemPanel } from "../ui/problem_panel";
import { Spinner } from "../ui/spinner";

/** The code of a problem; pressed, it says what the problem means, with a bad and a good example. */
export function ExplainCode({ code }: { code: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger aria-label={t.diagnostics.explain(code)} className="inline-flex h-6 items-center rounded-sm px-1 font-mono text-xs text-dim underline decoration-dotted underline-offset-3 hover:bg-hover hover:text-ink">
        {code}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content side="top" align="end" collisionPadding={8} aria-label={t.diagnostics.explain(code)} className="animate-pop z-50 max-h-[min(420px,70vh)] w-110 max-w-[calc(100vw-24px)] overflow-y-auto rounded-lg bg-raised p-4 text-sm shadow-pop">
          {open ? <Explanation code={code} /> : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Explanation({ code }: { code: string }) {
  const page = useQuery(explainQuery(code));
  if (page.isPending) {
    return (
      <p className="flex items-center gap-2 text-soft">
        <Spinner size={12} /> {t.common.loading}
      </p>
    );
  }
  if (page.data === undefined) return <ProblemPanel error={page.error} onRetry={() => void page.refetch()} />;
  const { title, explanation, bad, good } = page.data;
  return (
    <div className="flex flex-col gap-3">
      <h2 className="font-semibold">{title}</h2>
      <Markdown text={explanation} />
      {[
        [t.diagnostics.bad, bad],
        [t.diagnostics.good, good],
      ].map(([label, example]) =>
        example === undefined || example === "" ? null : (
          <div key={label}>
            <p className="mb-1 text-xs font-medium text-dim">{label}</p>
            <Markdown text={`\`\`\`\n${example.trimEnd()}\n\`\`\``} />
          </div>
        ),
      )}
    </div>
  );
}
