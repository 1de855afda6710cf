import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { t } from "../messages";
import { Kbd } from "../ui/kbd";
import { useModal } from "../ui/use_modal";
import type { Command } from "./commands";
import { usePaletteCommands } from "./palette_commands";

interface Props {
  onClose: () => void;
  onShowShortcuts: () => void;
}

/** The command palette: a combobox over a list, in a modal dialog. */
export function Palette({ open, ...rest }: Props & { open: boolean }) {
  return open ? <OpenPalette {...rest} /> : null;
}

const inputOf = (dialog: HTMLDialogElement) => dialog.querySelector("input");

function OpenPalette({ onClose, onShowShortcuts }: Props) {
  const dialog = useModal(inputOf);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const commands = usePaletteCommands(typed, onShowShortcuts);
  const current = Math.min(at, Math.max(0, commands.length - 1));
  useEffect(() => {
    dialog.current?.querySelector(`#palette-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current, dialog]);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && commands.length > 0) {
      event.preventDefault();
      setAt((current + step + commands.length) % commands.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(commands[current]);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-label={t.palette.open}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className="animate-pop mx-auto mt-[12vh] mb-auto w-[calc(100vw-24px)] max-w-150 overflow-hidden rounded-xl bg-raised p-0 shadow-pop"
    >
      <div className="flex h-12 items-center gap-3 border-b px-4">
        <Search size={16} className="shrink-0 text-dim" />
        <input
          role="combobox"
          aria-label={t.palette.placeholder}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={commands.length === 0 ? undefined : `palette-${current}`}
          placeholder={t.palette.placeholder}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          className="h-full min-w-0 flex-1 bg-transparent text-base outline-none"
        />
        <Kbd keys="esc" />
      </div>
      <CommandList commands={commands} current={current} onPoint={setAt} onRun={run} />
    </dialog>
  );
}

interface ListProps {
  commands: Command[];
  current: number;
  onPoint: (index: number) => void;
  onRun: (command: Command) => void;
}

function CommandList({ commands, current, onPoint, onRun }: ListProps) {
  if (commands.length === 0) return <p className="px-4 py-8 text-center text-sm text-dim">{t.palette.nothing}</p>;
  return (
    <ul id="palette-list" role="listbox" aria-label={t.palette.results} className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5">
      {commands.map((command, index) => (
        <li key={command.id} role="presentation">
          {command.group === commands[index - 1]?.group ? null : (
            <p role="presentation" className="px-2.5 pt-2 pb-1 text-xs font-medium text-dim">
              {command.group}
            </p>
          )}
          <div
            id={`palette-${index}`}
            role="option"
            aria-selected={index === current}
            onMouseMove={() => onPoint(index)}
            onClick={() => onRun(command)}
            className="flex h-9 items-center gap-3 rounded-md px-2.5 text-sm aria-selected:bg-press"
          >
            <span className="text-dim">{command.icon}</span>
            <span className="min-w-0 flex-1 truncate">{command.label}</span>
            {command.keys === undefined ? null : <Kbd keys={command.keys} />}
          </div>
        </li>
      ))}
    </ul>
  );
}
