import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import type { Graph } from "./graph";
import type { Layout } from "./layout";
import { firstView } from "./first_view";
import { absolute } from "./walk";

const CARD = { x: 224, y: 56 };

/** Shows the graph readably when it appears, changes its shape, or its pane changes size; never while one works in it. */
export function useShowWell(
  placed: { graph: Graph; layout: Layout } | null,
  selected: string | null,
  frame: React.RefObject<HTMLDivElement | null>,
): void {
  const flow = useReactFlow();
  const latest = useRef(selected);
  useEffect(() => {
    latest.current = selected;
  });
  const layout = placed?.layout;
  const graph = useRef(placed?.graph);
  graph.current = placed?.graph;
  useEffect(() => {
    const element = frame.current;
    if (layout === undefined || element === null) return;
    const show = () => {
      const { width, height } = element.getBoundingClientRect();
      if (width === 0 || graph.current === undefined) return;
      const focus = latest.current === null ? null : absolute(graph.current, layout, latest.current);
      void flow.setViewport(firstView(layout, { width, height }, focus));
    };
    const observer = new ResizeObserver(() => requestAnimationFrame(show));
    observer.observe(element);
    show();
    return () => observer.disconnect();
  }, [layout, flow, frame]);

  // Chosen elsewhere, in the text or the timeline: bring it into sight, but only when it is out of it.
  useEffect(() => {
    const element = frame.current;
    if (selected === null || layout === undefined || element === null || graph.current === undefined) return;
    const at = absolute(graph.current, layout, selected);
    if (at === null) return;
    const { x, y, zoom } = flow.getViewport();
    const { width, height } = element.getBoundingClientRect();
    const left = at.x * zoom + x;
    const top = at.y * zoom + y;
    const inSight = left >= 0 && top >= 0 && left + CARD.x * zoom <= width && top + CARD.y * zoom <= height;
    if (!inSight && width > 0) void flow.setCenter(at.x + CARD.x / 2, at.y + CARD.y / 2, { zoom, duration: 150 });
  }, [selected, layout, flow, frame]);
}
