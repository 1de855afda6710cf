import { useContext, useState } from "react";
import { t } from "../messages";
import { CanvasActsContext } from "./editing";

/** The name of a task, in place of its heading. Enter or leaving the field keeps it, Escape does not. */
export function RenameField({ id, name }: { id: string; name: string }) {
  const acts = useContext(CanvasActsContext);
  const [typed, setTyped] = useState(name);
  const finish = (next: string | null) => acts?.rename(id, next);
  return (
    <input
      autoFocus
      aria-label={t.edit.name}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={() => finish(typed)}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(typed);
        else if (event.key === "Escape") finish(null);
      }}
      spellCheck={false}
      className="-mx-1 block h-5 w-full rounded-sm border border-accent bg-surface px-1 text-[13px] leading-4.5 font-medium outline-none"
    />
  );
}
