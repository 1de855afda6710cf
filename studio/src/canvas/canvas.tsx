import "@xyflow/react/dist/base.css";
import { MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, useStore, type Edge, type Node } from "@xyflow/react";
import { useQuery } from "@tanstack/react-query";
import { memo, useCallback, useEffect, useImperativeHandle, useMemo, useRef, type Ref } from "react";
import { connectorsQuery } from "../api/queries";
import type { Diagnostic, Outline } from "../api/types";
import { indexOf } from "../document/outline_index";
import { t } from "../messages";
import { CanvasControls } from "./canvas_controls";
import { extended, toggled } from "./choice";
import { Drawing } from "./drawing";
import { DragLayer } from "./drag_layer";
import { CanvasActsContext, type Editing } from "./editing";
import { FlowEdge } from "./flow_edge";
import { toGraph } from "./graph";
import { EMPTY_OVERLAY, flowEdges, flowNodes, problemsByRef, sameEdge, sameNode, type EdgeData, type NodeData } from "./flow";
import { useSame } from "./use_same";
import { ContainerNode, JunctionNode, PillNode, SlotNode, TaskNode } from "./nodes";
import type { NodeRun } from "./overlay";
import { paletteItems } from "./palette_items";
import { Picker } from "./picker";
import { SelectionBar } from "./selection_bar";
import { useEditing } from "./use_editing";
import { useKeptFocus } from "./use_kept_focus";
import { useLayout } from "./use_layout";
import { useShowWell } from "./use_show_well";
import { absolute, neighbour, type Direction } from "./walk";

/** What a page can have its canvas do. */
export interface CanvasHandle {
  addTask: () => void;
  /** Gives the focus to the chosen task. */
  focus: () => void;
}

interface Props {
  outline: Outline;
  selected: string | null;
  onSelect: (ref: string | null) => void;
  /** With `onChoose` several tasks can be chosen: all of them, the selected one first. */
  chosen?: readonly string[];
  onChoose?: (refs: readonly string[]) => void;
  overlay?: Map<string, NodeRun>;
  ended?: boolean;
  diagnostics?: Diagnostic[];
  /** With it the canvas changes the document; without, it shows it. */
  editing?: Editing;
  handle?: Ref<CanvasHandle>;
}

const NODE_TYPES = { task: TaskNode, container: ContainerNode, start: PillNode, end: PillNode, junction: JunctionNode, slot: SlotNode };
const EDGE_TYPES = { flow: FlowEdge };
const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const MINIMAP_FROM_NODES = 24;
/** A longer column than this is a hairline in the overview, and tells nothing. */
const MINIMAP_UP_TO_SLENDER = 12;
/** From here on only what is in sight is drawn. */
const VIRTUAL_FROM_NODES = 80;
/** From this far away only shapes are drawn: no words on edges, nothing to press. */
const FAR_BELOW_ZOOM = 0.4;
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.2 };

/** Drawn again only when something that it shows changed: not with every key typed in the text beside it. */
export default memo(function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <CanvasInside {...props} />
    </ReactFlowProvider>
  );
});

function CanvasInside({ outline, selected, onSelect, chosen: several, onChoose, overlay = EMPTY_OVERLAY, ended = false, diagnostics, editing, handle }: Props) {
  const editable = editing !== undefined;
  const graph = useMemo(() => toGraph(outline, editable), [outline, editable]);
  const index = indexOf(outline);
  const { placed, working } = useLayout(graph);
  const frame = useRef<HTMLDivElement>(null);
  const chosen = useMemo(() => several ?? (selected === null ? [] : [selected]), [several, selected]);
  const choose = useCallback((refs: readonly string[]) => (onChoose === undefined ? onSelect(refs[0] ?? null) : onChoose(refs)), [onChoose, onSelect]);
  const latest = useRef(chosen);
  useEffect(() => {
    latest.current = chosen;
  });
  const press = useCallback((ref: string, more: boolean) => choose(more ? toggled(latest.current, ref) : [ref]), [choose]);
  const { acts, picking, renaming, chosenEdge, ...edit } = useEditing({ editing, index, chosen, onChoose: choose, frame, edges: graph.edges });
  const connectors = useQuery({ ...connectorsQuery, enabled: editable });
  const items = useMemo(() => paletteItems(connectors.data?.items ?? []), [connectors.data]);
  const onOpen = editing?.onOpen;
  const problems = useMemo(() => problemsByRef(graph, diagnostics ?? []), [graph, diagnostics]);
  const drawnNodes = useMemo<Node<NodeData>[]>(
    () => (placed === null ? [] : flowNodes(placed, { chosen, overlay, problems, editable, renaming, onSelect: press, onOpen })),
    [placed, chosen, overlay, problems, editable, renaming, press, onOpen],
  );
  const drawnEdges = useMemo<Edge<EdgeData>[]>(
    () => (placed === null ? [] : flowEdges(placed, { overlay, ended, chosen: chosenEdge })),
    [placed, overlay, ended, chosenEdge],
  );
  const nodes = useSame(drawnNodes, sameNode);
  const edges = useSame(drawnEdges, sameEdge);
  const flow = useReactFlow();
  const fit = useCallback(() => void flow.fitView({ ...FIT, duration: 150 }), [flow]);
  useShowWell(placed, selected, frame);
  useKeptFocus(frame, selected, placed);
  useImperativeHandle(handle, () => ({
    addTask: edit.startAdding,
    focus: () => (frame.current?.querySelector<HTMLElement>('[data-task][tabindex="0"]') ?? frame.current)?.focus({ preventScroll: true }),
  }));
  const far = useStore((state) => state.transform[2] < FAR_BELOW_ZOOM);

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (edit.onKeyDown(event)) return;
    const direction = ARROWS[event.key];
    if (direction === undefined || event.altKey || placed === null || selected === null) return;
    const next = neighbour(placed.graph, placed.layout, selected, direction);
    if (next === null) return;
    event.preventDefault();
    if (event.shiftKey && onChoose !== undefined) onChoose(extended(chosen, next));
    else onSelect(next);
    const at = absolute(placed.graph, placed.layout, next);
    if (at !== null) void flow.setCenter(at.x + 112, at.y + 28, { zoom: flow.getZoom(), duration: 120 });
  };
  return (
    <CanvasActsContext value={acts}>
      <div
        ref={frame}
        tabIndex={editable ? -1 : undefined}
        onKeyDown={onKeyDown}
        {...(editable ? edit.handlers : {})}
        className="canvas relative min-h-0 flex-1 overflow-hidden outline-none"
        data-far={far || undefined}
        role="group"
        aria-label={editable ? t.canvas.labelEditable : t.canvas.label}
      >
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
          onlyRenderVisibleElements={graph.nodes.length >= VIRTUAL_FROM_NODES}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          onPaneClick={edit.onPaneClick}
          minZoom={0.15}
          maxZoom={1.75}
          panOnScroll
          zoomOnDoubleClick={false}
          proOptions={{ hideAttribution: true }}
        >
          {graph.nodes.length >= MINIMAP_FROM_NODES && placed !== null && placed.layout.height < placed.layout.width * MINIMAP_UP_TO_SLENDER ? <MiniMap pannable zoomable ariaLabel={t.canvas.minimap} /> : null}
          {editing === undefined || placed === null ? null : (
            <DragLayer frame={frame} placed={placed} index={index} chosen={chosen} items={items} run={editing.run} onChoose={choose} onTakenOut={edit.pick.dragged} />
          )}
        </ReactFlow>
        <CanvasControls onFit={fit} />
        {working ? <Drawing /> : null}
        {editable && chosen.length > 1 ? <SelectionBar count={chosen.length} group={edit.group} onClear={() => choose([])} /> : null}
        {picking === null ? null : <Picker picking={picking} items={items} pick={edit.pick} frame={frame.current} />}
      </div>
    </CanvasActsContext>
  );
}
