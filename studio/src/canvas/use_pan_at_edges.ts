import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { inFrame } from "./drag";
import type { Point } from "./layout";

const EDGE_PX = 40;
const PAN_PX = 10;

/** While something is dragged to the edge of the canvas, the canvas moves on. */
export function usePanAtEdges(frame: React.RefObject<HTMLDivElement | null>, active: boolean, at: () => Point | null): void {
  const flow = useReactFlow();
  const latest = useRef(at);
  useEffect(() => {
    latest.current = at;
  });
  useEffect(() => {
    if (!active) return;
    let waiting = 0;
    const step = () => {
      const point = latest.current();
      const box = frame.current?.getBoundingClientRect();
      if (point !== null && box !== undefined && inFrame(frame.current, point)) {
        const push = (low: number, high: number) => (low < EDGE_PX ? PAN_PX : high < EDGE_PX ? -PAN_PX : 0);
        const dx = push(point.x - box.left, box.right - point.x);
        const dy = push(point.y - box.top, box.bottom - point.y);
        const { x, y, zoom } = flow.getViewport();
        if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom });
      }
      waiting = requestAnimationFrame(step);
    };
    waiting = requestAnimationFrame(step);
    return () => cancelAnimationFrame(waiting);
  }, [active, flow, frame]);
}
