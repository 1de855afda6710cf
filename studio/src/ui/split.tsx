import { useRef, type ReactNode } from "react";
import { useStored } from "../lib/stored";

interface Props {
  id: string;
  label: string;
  direction: "row" | "column";
  initial: number;
  /** Null hides a pane; the other one then has all the room, and stays as it is. */
  first: ReactNode | null;
  second: ReactNode | null;
}

const MIN = 20;
const MAX = 80;
const STEP = 4;

/** Two panes and a handle between them; where it stands is remembered. Arrow keys move it too. */
export function Split({ id, label, direction, initial, first, second }: Props) {
  const [stored, setStored] = useStored(`split.${id}`, String(initial));
  const frame = useRef<HTMLDivElement>(null);
  const part = Math.min(MAX, Math.max(MIN, Number(stored) || initial));
  const row = direction === "row";
  const drag = (event: React.PointerEvent) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || frame.current === null) return;
    const box = frame.current.getBoundingClientRect();
    const at = row ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    setStored(String(Math.round(Math.min(MAX, Math.max(MIN, at * 100)))));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const less = event.key === (row ? "ArrowLeft" : "ArrowUp");
    const more = event.key === (row ? "ArrowRight" : "ArrowDown");
    if (!less && !more) return;
    event.preventDefault();
    setStored(String(Math.min(MAX, Math.max(MIN, part + (more ? STEP : -STEP)))));
  };
  return (
    <div ref={frame} className={`flex min-h-0 min-w-0 flex-1 ${row ? "flex-row" : "flex-col"}`}>
      {first === null ? null : (
        <div className="flex min-h-0 min-w-0 flex-col" style={{ flexBasis: second === null ? "100%" : `${part}%` }}>
          {first}
        </div>
      )}
      {first === null || second === null ? null : (
        <div
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={row ? "vertical" : "horizontal"}
          aria-valuenow={part}
          aria-valuemin={MIN}
          aria-valuemax={MAX}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
          className={`relative z-10 shrink-0 bg-line transition-colors duration-120 hover:bg-accent focus-visible:bg-accent focus-visible:outline-1 focus-visible:outline-offset-0 ${
            row ? "w-px cursor-col-resize after:absolute after:inset-y-0 after:-left-1 after:w-2.25" : "h-px cursor-row-resize after:absolute after:inset-x-0 after:-top-1 after:h-2.25"
          } touch-none`}
        />
      )}
      {second === null ? null : (
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {second}
        </div>
      )}
    </div>
  );
}
