import { Copy, CopyPlus, Trash2, X } from "lucide-react";
import { t } from "../messages";
import { IconButton } from "../ui/icon_button";

interface Props {
  count: number;
  group: { duplicate: () => void; remove: () => void; copy: () => void };
  onClear: () => void;
}

/** What can be done to several tasks at once; each is one step of the history. */
export function SelectionBar({ count, group, onClear }: Props) {
  return (
    <div role="toolbar" aria-label={t.group.label} className="absolute bottom-3 left-1/2 z-10 flex -translate-x-1/2 items-center gap-0.5 rounded-md border bg-raised py-0.5 pr-0.5 pl-3 shadow-pop">
      <span role="status" className="tabular mr-2 text-xs font-medium whitespace-nowrap">
        {t.group.count(count)}
      </span>
      <IconButton label={t.group.copy} keys="mod+c" icon={<Copy size={14} />} onClick={group.copy} side="top" />
      <IconButton label={t.group.duplicate} keys="mod+d" icon={<CopyPlus size={14} />} onClick={group.duplicate} side="top" />
      <IconButton label={t.group.remove} keys="delete" icon={<Trash2 size={14} />} onClick={group.remove} side="top" />
      <IconButton label={t.group.clear} keys="esc" icon={<X size={14} />} onClick={onClear} side="top" />
    </div>
  );
}
