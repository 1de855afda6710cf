import "@xyflow/react/dist/base.css";
import { MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, type Edge, type Node } from "@xyflow/react";
import { useCallback, useMemo, useRef } from "react";
import type { Diagnostic, Outline } from "../api/types";
import { t } from "../messages";
import { CanvasControls } from "./canvas_controls";
import { FlowEdge } from "./flow_edge";
import { toGraph } from "./graph";
import { EMPTY_OVERLAY, flowEdges, flowNodes, problemsByRef } from "./flow";
import { ContainerNode, JunctionNode, PillNode, TaskNode } from "./nodes";
import type { NodeRun } from "./overlay";
import { useLayout } from "./use_layout";
import { useShowWell } from "./use_show_well";
import { absolute, neighbour, type Direction } from "./walk";

interface Props {
  outline: Outline;
  selected: string | null;
  onSelect: (ref: string | null) => void;
  overlay?: Map<string, NodeRun>;
  ended?: boolean;
  diagnostics?: Diagnostic[];
}

const NODE_TYPES = { task: TaskNode, container: ContainerNode, start: PillNode, end: PillNode, junction: JunctionNode };
const EDGE_TYPES = { flow: FlowEdge };
const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const MINIMAP_FROM_NODES = 24;
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.2 };

export default function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <CanvasInside {...props} />
    </ReactFlowProvider>
  );
}

function CanvasInside({ outline, selected, onSelect, overlay = EMPTY_OVERLAY, ended = false, diagnostics }: Props) {
  const graph = useMemo(() => toGraph(outline), [outline]);
  const placed = useLayout(graph);
  const problems = useMemo(() => problemsByRef(graph, diagnostics ?? []), [graph, diagnostics]);
  const nodes = useMemo<Node[]>(
    () => (placed === null ? [] : flowNodes(placed, { selected, overlay, problems, onSelect })),
    [placed, selected, overlay, problems, onSelect],
  );
  const edges = useMemo<Edge[]>(() => (placed === null ? [] : flowEdges(placed, overlay, ended)), [placed, overlay, ended]);
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const fit = useCallback(() => void flow.fitView({ ...FIT, duration: 150 }), [flow]);
  useShowWell(placed, selected, frame);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const direction = ARROWS[event.key];
    if (direction === undefined || placed === null || selected === null) return;
    const next = neighbour(placed.graph, placed.layout, selected, direction);
    if (next === null) return;
    event.preventDefault();
    onSelect(next);
    const at = absolute(placed.graph, placed.layout, next);
    if (at !== null) void flow.setCenter(at.x + 112, at.y + 28, { zoom: flow.getZoom(), duration: 120 });
    requestAnimationFrame(() =>
      frame.current?.querySelector<HTMLElement>(`[data-task="${CSS.escape(next)}"]`)?.focus({ preventScroll: true }),
    );
  };
  return (
    <div ref={frame} onKeyDown={onKeyDown} className="canvas relative min-h-0 flex-1" role="group" aria-label={t.canvas.label}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        onPaneClick={() => onSelect(null)}
        minZoom={0.15}
        maxZoom={1.75}
        panOnScroll
        zoomOnDoubleClick={false}
        proOptions={{ hideAttribution: true }}
      >
        {graph.nodes.length >= MINIMAP_FROM_NODES ? <MiniMap pannable zoomable ariaLabel={t.canvas.minimap} /> : null}
      </ReactFlow>
      <CanvasControls onFit={fit} />
    </div>
  );
}
