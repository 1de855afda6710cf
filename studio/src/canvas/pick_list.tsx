import { useEffect, useRef, useState } from "react";
import { KindIcon } from "../ui/kind_icon";
import type { PickItem } from "./pick_items";

interface Props<T extends PickItem> {
  title: string;
  placeholder: string;
  nothing: string;
  items: T[];
  /** What is left of the items when something is typed, the best first. */
  find: (items: T[], typed: string) => T[];
  /** Where it opens, in the frame's own coordinates. */
  at: { x: number; y: number };
  frame: { width: number; height: number };
  /** Items can be dragged out; the canvas's drag layer knows them by their id. */
  draggable?: boolean;
  hint?: string;
  onChoose: (item: T) => void;
  onClose: () => void;
}

const WIDTH = 340;
const HEIGHT = 420;
const MARGIN = 8;

/** A list over the canvas, to be searched and chosen from by keyboard or pointer. */
export function PickList<T extends PickItem>({ title, placeholder, nothing, items: all, find, at, frame, draggable = false, hint, onChoose, onClose }: Props<T>) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const items = find(all, typed);
  const current = Math.min(chosen, Math.max(0, items.length - 1));
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.querySelector(`#pick-${current}`)?.scrollIntoView({ block: "nearest" });
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
      aria-label={title}
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
        aria-label={placeholder}
        aria-expanded="true"
        aria-controls="pick-list"
        aria-activedescendant={items.length === 0 ? undefined : `pick-${current}`}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        className="h-10 shrink-0 border-b bg-transparent px-3.5 text-sm outline-none"
      />
      {items.length === 0 ? (
        <p className="px-3.5 py-6 text-center text-sm text-dim">{nothing}</p>
      ) : (
        <ul id="pick-list" role="listbox" aria-label={title} tabIndex={-1} className="min-h-0 overflow-y-auto p-1.5">
          {items.map((item, index) => (
            <li key={item.id} role="presentation">
              {typed === "" && item.group !== items[index - 1]?.group ? (
                <p role="presentation" className="px-2 pt-1.5 pb-1 text-xs font-medium text-dim">
                  {item.group}
                </p>
              ) : null}
              <Option item={item} index={index} current={index === current} draggable={draggable} onPoint={setChosen} onChoose={() => onChoose(item)} />
            </li>
          ))}
        </ul>
      )}
      {hint === undefined ? null : <p className="shrink-0 border-t bg-sunken px-3.5 py-2 text-xs text-dim">{hint}</p>}
    </div>
  );
}

interface OptionProps {
  item: PickItem;
  index: number;
  current: boolean;
  draggable: boolean;
  onPoint: (index: number) => void;
  onChoose: () => void;
}

function Option({ item, index, current, draggable, onPoint, onChoose }: OptionProps) {
  return (
    <div
      id={`pick-${index}`}
      role="option"
      aria-selected={current}
      data-new={draggable ? item.id : undefined}
      onMouseMove={() => onPoint(index)}
      // A press would take the focus away and close the list before it is a click.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
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
