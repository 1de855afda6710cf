import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { connectorsQuery } from "../api/queries";
import { t } from "../messages";
import { KindIcon } from "../ui/kind_icon";
import { findItems, paletteItems, type PaletteItem } from "./palette_items";

interface Props {
  /** Where it opens, in the frame's own coordinates. */
  at: { x: number; y: number };
  frame: { width: number; height: number };
  onChoose: (item: PaletteItem) => void;
  onClose: () => void;
}

const WIDTH = 340;
const HEIGHT = 400;
const MARGIN = 8;

/** What can be added, to be searched and chosen by keyboard or pointer. */
export function TaskPalette({ at, frame, onChoose, onClose }: Props) {
  const connectors = useQuery(connectorsQuery);
  const all = useMemo(() => paletteItems(connectors.data?.items ?? []), [connectors.data]);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const items = findItems(all, typed);
  const current = Math.min(chosen, Math.max(0, items.length - 1));
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.querySelector(`#add-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const height = Math.min(HEIGHT, frame.height - 2 * MARGIN);
  const left = Math.max(MARGIN, Math.min(at.x, frame.width - WIDTH - MARGIN));
  const top = Math.max(MARGIN, Math.min(at.y, frame.height - height - MARGIN));

  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const item = items[current];
    if (step !== 0 && items.length > 0) setChosen((current + step + items.length) % items.length);
    else if (event.key === "Enter" && item !== undefined) onChoose(item);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={panel}
      role="dialog"
      aria-label={t.add.title}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose();
      }}
      className="animate-pop absolute z-30 flex flex-col overflow-hidden rounded-lg bg-raised shadow-pop"
      style={{ left, top, width: Math.min(WIDTH, frame.width - 2 * MARGIN), maxHeight: height }}
    >
      <input
        autoFocus
        role="combobox"
        aria-label={t.add.placeholder}
        aria-expanded="true"
        aria-controls="add-list"
        aria-activedescendant={items.length === 0 ? undefined : `add-${current}`}
        placeholder={t.add.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        className="h-10 shrink-0 border-b bg-transparent px-3.5 text-sm outline-none"
      />
      {items.length === 0 ? (
        <p className="px-3.5 py-6 text-center text-sm text-dim">{t.add.nothing}</p>
      ) : (
        <ul id="add-list" role="listbox" aria-label={t.add.title} tabIndex={-1} className="min-h-0 overflow-y-auto p-1.5">
          {items.map((item, index) => (
            <li key={item.id} role="presentation">
              {typed === "" && item.group !== items[index - 1]?.group ? (
                <p role="presentation" className="px-2 pt-1.5 pb-1 text-xs font-medium text-dim">
                  {item.group}
                </p>
              ) : null}
              <Option item={item} index={index} current={index === current} onPoint={setChosen} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface OptionProps {
  item: PaletteItem;
  index: number;
  current: boolean;
  onPoint: (index: number) => void;
  onChoose: (item: PaletteItem) => void;
}

function Option({ item, index, current, onPoint, onChoose }: OptionProps) {
  return (
    <div
      id={`add-${index}`}
      role="option"
      aria-selected={current}
      onMouseMove={() => onPoint(index)}
      // Not on click: the pointer's press would first take the focus away and close the list.
      onMouseDown={(event) => {
        event.preventDefault();
        onChoose(item);
      }}
      className="flex items-center gap-2.5 rounded-md px-2 py-1.5 aria-selected:bg-press"
    >
      <span className="task-icon" data-kind={item.kind}>
        <KindIcon kind={item.kind} icon={item.icon} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-[13px] leading-4.5 font-medium">{item.title}</span>
        <span className="block truncate text-[11.5px] leading-4 text-soft">{item.note}</span>
      </span>
    </div>
  );
}
