import * as Popover from "@radix-ui/react-popover";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Outline } from "../../api/types";
import { searchTasks } from "../../editor/find_task";
import { t } from "../../messages";
import { useShortcut } from "../../lib/shortcuts";
import { IconButton } from "../../ui/icon_button";
import { KindIcon } from "../../ui/kind_icon";

const SHOWN_MAX = 50;

/** Finds a task by name or content and goes there. */
export function FindTask({ outline, onFound }: { outline: Outline; onFound: (ref: string) => void }) {
  const [open, setOpen] = useState(false);
  useShortcut("/", () => setOpen(true));
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Anchor asChild>
        <span>
          <IconButton label={t.edit.find} keys="/" icon={<Search size={15} />} onClick={() => setOpen(true)} />
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={6} collisionPadding={8} aria-label={t.edit.find} className="animate-pop z-50 flex w-85 max-w-[calc(100vw-24px)] flex-col overflow-hidden rounded-lg bg-raised shadow-pop">
          <Finder
            outline={outline}
            onFound={(ref) => {
              setOpen(false);
              onFound(ref);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Finder({ outline, onFound }: { outline: Outline; onFound: (ref: string) => void }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = searchTasks(outline, typed).slice(0, SHOWN_MAX);
  const current = Math.min(chosen, Math.max(0, found.length - 1));
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#find-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const task = found[current];
    if (step !== 0 && found.length > 0) setChosen((current + step + found.length) % found.length);
    else if (event.key === "Enter" && task !== undefined) onFound(task.ref);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-label={t.edit.findPlaceholder}
        aria-expanded="true"
        aria-controls="find-list"
        aria-activedescendant={found.length === 0 ? undefined : `find-${current}`}
        placeholder={t.edit.findPlaceholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className="h-10 shrink-0 border-b bg-transparent px-3.5 text-sm outline-none"
      />
      {found.length === 0 ? (
        <p className="px-3.5 py-6 text-center text-sm text-dim">{t.edit.findNothing}</p>
      ) : (
        <ul ref={list} id="find-list" role="listbox" aria-label={t.edit.find} tabIndex={-1} className="max-h-90 overflow-y-auto p-1.5">
          {found.map((task, index) => (
            <li
              key={task.ref}
              id={`find-${index}`}
              role="option"
              aria-selected={index === current}
              onMouseMove={() => setChosen(index)}
              onClick={() => onFound(task.ref)}
              className="flex items-center gap-2.5 rounded-md px-2 py-1.5 aria-selected:bg-press"
            >
              <span className="task-icon" data-kind={task.kind}>
                <KindIcon kind={task.kind} icon={task.icon} />
              </span>
              <span className="min-w-0 flex-1">
                <span className="block truncate text-[13px] leading-4.5 font-medium">{task.name}</span>
                <span className="block truncate text-[11.5px] leading-4 text-soft">{task.detail === "" ? t.kinds[task.kind] : task.detail}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
