import { GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import { CompareDialog } from "../compare/compare_dialog";

interface Props {
  version: string;
  before: string;
  after: string;
}

/** Says that the text differs from the published version; pressed, how, and what that means. */
export function Unpublished({ version, before, after }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        title={t.compare.changes}
        onClick={() => setOpen(true)}
        className="inline-flex h-6 shrink-0 items-center gap-1.5 rounded-sm border border-waiting-line bg-waiting-soft px-1.5 text-xs text-waiting hover:border-waiting"
      >
        <GitCompareArrows size={12} /> {t.editor.unpublished}
      </button>
      {open ? <CompareDialog before={{ label: version, source: before }} after={{ label: t.compare.draft, source: after }} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
