import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { CircleAlert, Plus, TriangleAlert } from "lucide-react";
import { memo, useContext, type KeyboardEvent, type MouseEvent } from "react";
import type { Severity } from "../api/types";
import { t } from "../messages";
import { KindIcon } from "../ui/kind_icon";
import { CanvasActsContext } from "./editing";
import type { NodeData } from "./flow";
import { RenameField } from "./rename_field";
import { RunBadge } from "./run_badge";

type Props = NodeProps<Node<NodeData>>;

/** Edges bring their own routes; the drawing library still wants its anchors. */
const Anchors = () => (
  <>
    <Handle type="target" position={Position.Top} isConnectable={false} />
    <Handle type="source" position={Position.Bottom} isConnectable={false} />
  </>
);

/** Where a pointer drags tasks, dragging one does not pan the canvas; a finger always pans. */
const DRAGS = matchMedia("(pointer: fine)").matches;
const grip = (data: NodeData): string => (data.editable && DRAGS ? " nopan" : "");

function press(data: NodeData, id: string) {
  return {
    role: "button",
    tabIndex: data.tabbable ? 0 : -1,
    "data-task": id,
    "aria-pressed": data.selected,
    // A task of an editable canvas is dragged; elsewhere dragging it pans the canvas.
    "data-draggable": data.editable || undefined,
    onClick: (event: MouseEvent) => data.onSelect(id, event.shiftKey || event.ctrlKey || event.metaKey),
    onDoubleClick: () => data.onOpen?.(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== " " && (event.key !== "Enter" || data.editable)) return;
      event.preventDefault();
      data.onSelect(id, event.shiftKey);
    },
  };
}

export const TaskNode = memo(function TaskNode({ id, data }: Props) {
  return (
    <>
      <Anchors />
      <div className={`task-card${grip(data)}`} {...press(data, id)} data-status={data.run?.status} data-idle={data.idle || undefined} data-problem={data.problem}>
        <Head id={id} data={data} />
      </div>
      {data.editable ? <ConnectHandle id={id} /> : null}
    </>
  );
});

export const ContainerNode = memo(function ContainerNode({ id, data }: Props) {
  if (data.role === "catch") {
    return (
      <div className="task-group" data-role="catch">
        <Anchors />
        <p className="px-3 py-2 text-xs font-medium text-dim">{data.task?.role === "step" ? t.canvas.undo : t.canvas.onError}</p>
      </div>
    );
  }
  return (
    <>
      <Anchors />
      <div className="task-group" data-status={data.run?.status} data-idle={data.idle || undefined} data-selected={data.selected || undefined} data-problem={data.problem}>
        <div className={`task-group-head${grip(data)}`} {...press(data, id)}>
          <Head id={id} data={data} />
        </div>
      </div>
      {data.editable ? <ConnectHandle id={id} /> : null}
    </>
  );
});

/** Dragged to another task to go on with it. By keyboard the same is chosen from a list. */
const ConnectHandle = ({ id }: { id: string }) => <span className="task-connect nopan" data-connect={id} title={t.edit.connect} aria-hidden="true" />;

export const SlotNode = memo(function SlotNode({ data }: Props) {
  const acts = useContext(CanvasActsContext);
  const { place } = data;
  return (
    <>
      <Anchors />
      {acts === null || place === undefined ? null : (
        <button type="button" tabIndex={-1} className="task-slot nopan" aria-label={t.add.here} title={t.add.here} onClick={(event) => acts.add(place, event.currentTarget)}>
          <Plus size={13} />
        </button>
      )}
    </>
  );
});

function Head({ id, data }: { id: string; data: NodeData }) {
  const task = data.task;
  if (task === undefined) return null;
  return (
    <>
      <div className="flex items-center gap-2.5">
        <span className="task-icon" data-kind={task.kind}>
          <KindIcon kind={task.kind} icon={task.role ?? task.icon} />
        </span>
        <span className="min-w-0 flex-1">
          {data.renaming ? (
            <RenameField id={id} name={task.name} />
          ) : (
            <span className="block truncate text-[13px] leading-4.5 font-medium">{task.name}</span>
          )}
          <span className="block truncate text-[11.5px] leading-4 text-dim" title={task.detail}>
            {task.detail === "" ? t.kinds[task.kind] : task.detail}
          </span>
        </span>
        {data.run === undefined ? <ProblemMark severity={data.problem} title={data.problemTitle} /> : <RunBadge run={data.run} />}
      </div>
      {task.if === undefined ? null : (
        <span className="mt-1 block truncate font-mono text-[11px] text-dim" title={task.if}>
          <span className="text-accent-ink">if</span> {task.if}
        </span>
      )}
    </>
  );
}

function ProblemMark({ severity, title }: { severity: Severity | undefined; title: string | undefined }) {
  if (severity === undefined || severity === "hint") return null;
  const label = `${t.diagnostics[severity]}: ${title ?? ""}`;
  return (
    <span className="shrink-0" title={title}>
      {severity === "error" ? (
        <CircleAlert size={15} className="text-faulted" aria-label={label} />
      ) : (
        <TriangleAlert size={15} className="text-waiting" aria-label={label} />
      )}
    </span>
  );
}

export const PillNode = memo(function PillNode({ type }: Props) {
  return (
    <>
      <Anchors />
      <div className="flow-pill">{type === "start" ? t.canvas.start : t.canvas.end}</div>
    </>
  );
});

export const JunctionNode = memo(function JunctionNode() {
  return (
    <>
      <Anchors />
      <div className="flow-dot" />
    </>
  );
});
