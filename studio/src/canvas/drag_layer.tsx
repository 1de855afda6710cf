import { useReactFlow, ViewportPortal } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { connectTask, moveTask } from "../document/gestures";
import type { OutlineIndex } from "../document/outline_index";
import { KindIcon } from "../ui/kind_icon";
import { boxOf, dropAt, mayConnect, type Drop } from "./drop";
import type { Editing } from "./editing";
import { END, type Graph } from "./graph";
import type { Layout, Point } from "./layout";

interface Props {
  frame: React.RefObject<HTMLDivElement | null>;
  placed: { graph: Graph; layout: Layout };
  index: OutlineIndex;
  run: Editing["run"];
}

/** A press that may become a drag, then the drag: of a task to another place, or of its way on to another task. */
type Drag = { what: "move" | "connect"; ref: string; from: Point; at: Point; moved: boolean };

const MOVES_AFTER_PX = 5;

/** Only this layer draws while something is dragged; the canvas below stays as it is. */
export function DragLayer({ frame, placed, index, run }: Props) {
  const flow = useReactFlow();
  const [drag, setDrag] = useState<Drag | null>(null);
  const latest = useRef({ drag, placed, index, run });
  useEffect(() => {
    latest.current = { drag, placed, index, run };
  });

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const press = (event: PointerEvent) => {
      const begun = event.button === 0 && event.isPrimary ? pressed(event) : null;
      if (begun !== null) setDrag(begun);
    };
    element.addEventListener("pointerdown", press);
    return () => element.removeEventListener("pointerdown", press);
  }, [frame]);

  const active = drag !== null;
  usePanAtEdges(frame, active && drag.moved, () => latest.current.drag?.at ?? null);
  useEffect(() => {
    if (!active) return;
    const move = (event: PointerEvent) => {
      const at = { x: event.clientX, y: event.clientY };
      setDrag((one) => one && { ...one, at, moved: one.moved || Math.hypot(at.x - one.from.x, at.y - one.from.y) > MOVES_AFTER_PX });
    };
    const finish = () => {
      const { drag: done, placed: on, index: of, run: perform } = latest.current;
      setDrag(null);
      if (done === null || !done.moved) return;
      swallowClick();
      const key = of.byRef.get(done.ref)?.key;
      if (key === undefined) return;
      if (done.what === "move") {
        const drop = dropAt(on.graph, on.layout, of, done.ref, flow.screenToFlowPosition(done.at));
        if (drop !== null && inFrame(frame.current, done.at)) perform(moveTask(key, drop.place));
      } else {
        const target = targetAt(of, done);
        if (target !== null) perform(connectTask(key, target === END ? "end" : (of.byRef.get(target)?.task.name ?? "continue")));
      }
    };
    const abandon = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setDrag(null);
    };
    const cancel = () => setDrag(null);
    addEventListener("pointermove", move);
    addEventListener("pointerup", finish);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", abandon, true);
    return () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", finish);
      removeEventListener("pointercancel", cancel);
      removeEventListener("keydown", abandon, true);
    };
  }, [active, flow, frame]);

  if (drag === null || !drag.moved) return null;
  const at = flow.screenToFlowPosition(drag.at);
  if (drag.what === "connect") return <Connecting drag={drag} placed={placed} index={index} at={at} />;
  const drop = inFrame(frame.current, drag.at) ? dropAt(placed.graph, placed.layout, index, drag.ref, at) : null;
  return <Moving drag={drag} index={index} drop={drop} />;
}

const EDGE_PX = 40;
const PAN_PX = 10;

/** While something is dragged to the edge of the canvas, the canvas moves on. */
function usePanAtEdges(frame: Props["frame"], active: boolean, at: () => Point | null): void {
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

function Moving({ drag, index, drop }: { drag: Drag; index: OutlineIndex; drop: Drop | null }) {
  const task = index.byRef.get(drag.ref)?.task;
  return (
    <>
      {drop === null ? null : (
        <ViewportPortal>
          <div className="drop-bar" style={{ transform: `translate(${drop.bar.x}px, ${drop.bar.y}px)`, width: drop.bar.width, height: drop.bar.height }} />
        </ViewportPortal>
      )}
      <div className="drag-ghost" style={{ transform: `translate(${drag.at.x + 10}px, ${drag.at.y + 8}px)` }}>
        {task === undefined ? null : (
          <>
            <span className="task-icon" data-kind={task.kind}>
              <KindIcon kind={task.kind} icon={task.icon} />
            </span>
            <span className="truncate">{task.name}</span>
          </>
        )}
      </div>
    </>
  );
}

function Connecting({ drag, placed, index, at }: { drag: Drag; placed: Props["placed"]; index: OutlineIndex; at: Point }) {
  const source = boxOf(placed.graph, placed.layout, drag.ref);
  const target = targetAt(index, drag);
  const box = target === null ? null : boxOf(placed.graph, placed.layout, target);
  if (source === null) return null;
  const from = { x: source.x + source.width / 2, y: source.y + source.height };
  const to = box === null ? at : { x: box.x + box.width / 2, y: box.y };
  return (
    <ViewportPortal>
      <svg className="connect-line" width="1" height="1" data-ready={target !== null || undefined}>
        <path d={`M${from.x} ${from.y}C${from.x} ${from.y + 40} ${to.x} ${to.y - 40} ${to.x} ${to.y}`} fill="none" />
      </svg>
      {box === null ? null : <div className="connect-target" style={{ transform: `translate(${box.x - 3}px, ${box.y - 3}px)`, width: box.width + 6, height: box.height + 6 }} />}
    </ViewportPortal>
  );
}

function pressed(event: PointerEvent): Drag | null {
  if (!(event.target instanceof Element) || event.target.closest("input, button") !== null) return null;
  const at = { x: event.clientX, y: event.clientY };
  const handle = event.target.closest<HTMLElement>("[data-connect]");
  if (handle?.dataset.connect !== undefined) return { what: "connect", ref: handle.dataset.connect, from: at, at, moved: false };
  // A finger scrolls and zooms; it does not drag tasks about.
  if (event.pointerType === "touch") return null;
  const task = event.target.closest<HTMLElement>("[data-draggable]");
  return task?.dataset.task === undefined ? null : { what: "move", ref: task.dataset.task, from: at, at, moved: false };
}

/** The task under the pointer that the dragged way may lead to; `end` for the end of the workflow. */
function targetAt(index: OutlineIndex, drag: Drag): string | null {
  const element = document.elementFromPoint(drag.at.x, drag.at.y);
  if (element?.closest(".react-flow__node-end") && index.byRef.get(drag.ref)?.list.holder === null) return END;
  const target = element?.closest<HTMLElement>("[data-task]")?.dataset.task;
  return target !== undefined && mayConnect(index, drag.ref, target) ? target : null;
}

function inFrame(frame: HTMLElement | null, at: Point): boolean {
  const box = frame?.getBoundingClientRect();
  return box !== undefined && at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom;
}

/** The click that ends a drag chooses nothing. */
function swallowClick(): void {
  const stop = (event: Event) => event.stopPropagation();
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
}
