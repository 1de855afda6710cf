import { ViewportPortal } from "@xyflow/react";
import type { TaskKind } from "../api/types";
import { t } from "../messages";
import { KindIcon } from "../ui/kind_icon";
import type { Drop } from "./drop";
import type { Box, Point } from "./layout";

interface Ghost {
  kind: TaskKind;
  icon?: string;
  name: string;
}

/** What is dragged, at the pointer, and a bar where it would go. */
export function Moving({ at, ghost, count, drop }: { at: Point; ghost: Ghost | undefined; count: number; drop: Drop | null }) {
  return (
    <>
      {drop === null ? null : (
        <ViewportPortal>
          <div className="drop-bar" style={{ transform: `translate(${drop.bar.x}px, ${drop.bar.y}px)`, width: drop.bar.width, height: drop.bar.height }} />
        </ViewportPortal>
      )}
      <div className="drag-ghost" style={{ transform: `translate(${at.x + 10}px, ${at.y + 8}px)` }}>
        {ghost === undefined ? null : (
          <>
            <span className="task-icon" data-kind={ghost.kind}>
              <KindIcon kind={ghost.kind} icon={ghost.icon} />
            </span>
            <span className="truncate">{count > 1 ? t.group.count(count) : ghost.name}</span>
          </>
        )}
      </div>
    </>
  );
}

/** A line from a task to the pointer, or to the task it would lead to. */
export function Connecting({ source, target, at }: { source: Box; target: Box | null; at: Point }) {
  const from = { x: source.x + source.width / 2, y: source.y + source.height };
  const to = target === null ? at : { x: target.x + target.width / 2, y: target.y };
  return (
    <ViewportPortal>
      <svg className="connect-line" width="1" height="1" data-ready={target !== null || undefined}>
        <path d={`M${from.x} ${from.y}C${from.x} ${from.y + 40} ${to.x} ${to.y - 40} ${to.x} ${to.y}`} fill="none" />
      </svg>
      {target === null ? null : (
        <div className="connect-target" style={{ transform: `translate(${target.x - 3}px, ${target.y - 3}px)`, width: target.width + 6, height: target.height + 6 }} />
      )}
    </ViewportPortal>
  );
}

export const Area = ({ area }: { area: Box }) => (
  <ViewportPortal>
    <div className="drag-area" style={{ transform: `translate(${area.x}px, ${area.y}px)`, width: area.width, height: area.height }} />
  </ViewportPortal>
);
