import { MoreHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { Menu } from "./menu";

/** The acts of one row, behind three dots. `label` names the row, as every row has one. */
export function RowMenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu
      trigger={
        <button type="button" aria-label={label} className="inline-flex size-7 pointer-coarse:size-10 shrink-0 items-center justify-center rounded-md text-dim hover:bg-hover hover:text-ink data-[state=open]:bg-hover">
          <MoreHorizontal size={16} />
        </button>
      }
    >
      {children}
    </Menu>
  );
}
