import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { addTasks, connect } from "../document/gestures";
import { moveTasks } from "../document/group";
import type { OutlineIndex } from "../document/outline_index";
import { tasksIn } from "./choice";
import { areaBetween, inFrame, MOVES_AFTER_PX, onPane, pressed, swallowClick, targetAt, type Drag } from "./drag";
import { Area, Connecting, Moving } from "./drag_pictures";
import { boxOf, dropAt } from "./drop";
import type { Editing } from "./editing";
import { END, type Graph } from "./graph";
import type { Layout, Point } from "./layout";
import type { PaletteItem } from "./palette_items";
import { usePanAtEdges } from "./use_pan_at_edges";

interface Props {
  frame: React.RefObject<HTMLDivElement | null>;
  placed: { graph: Graph; layout: Layout };
  index: OutlineIndex;
  chosen: readonly string[];
  items: PaletteItem[];
  run: Editing["run"];
  onChoose: (refs: readonly string[]) => void;
  /** A new task has been dragged out of the list of them. */
  onTakenOut: () => void;
}

/** Only this layer draws while something is dragged; the canvas below stays as it is. */
export function DragLayer(props: Props) {
  const { frame } = props;
  const flow = useReactFlow();
  const [drag, setDrag] = useState<Drag | null>(null);
  const latest = useRef({ ...props, drag });
  useEffect(() => {
    latest.current = { ...props, drag };
  });

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const press = (event: PointerEvent) => {
      const dragged = event.button === 0 && event.isPrimary ? pressed(event, latest.current.chosen, (point) => flow.screenToFlowPosition(point)) : null;
      const at = { x: event.clientX, y: event.clientY };
      if (dragged !== null) setDrag({ dragged, from: at, at, moved: false });
    };
    // The rectangle is drawn on the ground, which else would be dragged along.
    const hold = (event: MouseEvent) => {
      if (event.shiftKey && onPane(event)) event.stopPropagation();
    };
    element.addEventListener("pointerdown", press);
    element.addEventListener("mousedown", hold, true);
    return () => {
      element.removeEventListener("pointerdown", press);
      element.removeEventListener("mousedown", hold, true);
    };
  }, [frame, flow]);

  const active = drag !== null;
  const moved = drag?.moved === true;
  usePanAtEdges(frame, moved, () => latest.current.drag?.at ?? null);
  const isNew = drag?.dragged.what === "new";
  useEffect(() => {
    if (moved && isNew) latest.current.onTakenOut();
  }, [moved, isNew]);
  useEffect(() => {
    if (!active) return;
    const move = (event: PointerEvent) => {
      const at = { x: event.clientX, y: event.clientY };
      setDrag((one) => one && { ...one, at, moved: one.moved || Math.hypot(at.x - one.from.x, at.y - one.from.y) > MOVES_AFTER_PX });
    };
    const finish = () => {
      const { drag: done, ...on } = latest.current;
      setDrag(null);
      if (done === null || !done.moved) return;
      swallowClick();
      carryOut(done, on, flow.screenToFlowPosition(done.at));
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

  return drag === null || !drag.moved ? null : <Picture drag={drag} at={flow.screenToFlowPosition(drag.at)} {...props} />;
}

/** `at`: where it ends, in the canvas's coordinates. */
function carryOut({ dragged, at: pointer }: Drag, on: Props, at: Point): void {
  const { placed, index, frame, run } = on;
  if (dragged.what === "area") return on.onChoose(tasksIn(placed.graph, placed.layout, areaBetween(dragged.from, at)));
  if (dragged.what === "connect") {
    const key = index.byRef.get(dragged.ref)?.key;
    const target = targetAt(index, dragged.ref, pointer);
    if (key !== undefined && target !== null) run(connect({ key }, target === END ? "end" : (index.byRef.get(target)?.task.name ?? "continue")));
    return;
  }
  const drop = inFrame(frame.current, pointer) ? dropAt(placed.graph, placed.layout, index, movedBy(dragged), at) : null;
  if (drop === null) return;
  if (dragged.what === "move") {
    run(moveTasks(dragged.refs.map((ref) => index.byRef.get(ref)?.key).filter((key) => key !== undefined), drop.place));
    return;
  }
  const item = on.items.find((one) => one.id === dragged.item);
  if (item !== undefined) run(addTasks(drop.place, [item.task]));
}

const movedBy = (dragged: Drag["dragged"]): readonly string[] => (dragged.what === "move" ? dragged.refs : []);

function Picture({ drag, at, frame, placed, index, items }: Props & { drag: Drag; at: Point }) {
  const { dragged } = drag;
  if (dragged.what === "area") return <Area area={areaBetween(dragged.from, at)} />;
  if (dragged.what === "connect") {
    const source = boxOf(placed.graph, placed.layout, dragged.ref);
    const target = targetAt(index, dragged.ref, drag.at);
    return source === null ? null : <Connecting source={source} target={target === null ? null : boxOf(placed.graph, placed.layout, target)} at={at} />;
  }
  const drop = inFrame(frame.current, drag.at) ? dropAt(placed.graph, placed.layout, index, movedBy(dragged), at) : null;
  if (dragged.what === "move") return <Moving at={drag.at} ghost={index.byRef.get(dragged.refs[0] ?? "")?.task} count={dragged.refs.length} drop={drop} />;
  const item = items.find((one) => one.id === dragged.item);
  return <Moving at={drag.at} ghost={item && { kind: item.kind, icon: item.icon, name: item.title }} count={1} drop={drop} />;
}
