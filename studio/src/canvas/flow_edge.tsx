import { EdgeLabelRenderer, type Edge, type EdgeProps } from "@xyflow/react";
import { Plus, X } from "lucide-react";
import { memo, useContext } from "react";
import { t } from "../messages";
import { CanvasActsContext, type CanvasActs } from "./editing";
import type { EdgeData } from "./flow";
import type { Point } from "./layout";
import { middleOf, roundedPath } from "./path";

const RADIUS = 8;
const HEAD = 5;

export const FlowEdge = memo(function FlowEdge({ id, data }: EdgeProps<Edge<EdgeData>>) {
  const acts = useContext(CanvasActsContext);
  const tip = data?.points.at(-1);
  if (data === undefined || tip === undefined) return null;
  const shaft = roundedPath([...data.points.slice(0, -1), { x: tip.x, y: tip.y - 2 }], RADIUS);
  const removable = acts !== null && data.then !== undefined;
  return (
    <g className="flow-edge" data-taken={data.taken || undefined} data-chosen={data.chosen || undefined}>
      <path d={shaft} fill="none" strokeDasharray={data.dashed ? "4 4" : undefined} />
      <path d={`M${tip.x - HEAD} ${tip.y - HEAD - 1}L${tip.x} ${tip.y - 1}L${tip.x + HEAD} ${tip.y - HEAD - 1}`} fill="none" />
      {removable ? <path className="flow-edge-grip nopan" d={shaft} fill="none" onClick={() => acts.chooseEdge(id)} /> : null}
      {data.label === undefined || data.labelAt === undefined ? null : (
        <EdgeLabelRenderer>
          <span
            className="edge-label nopan"
            data-taken={data.taken || undefined}
            title={data.title}
            style={{ transform: `translate(-50%, -50%) ${translate(data.labelAt)}` }}
            onClick={removable ? () => acts.chooseEdge(id) : undefined}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      )}
      {acts === null ? null : <EdgeButton data={data} acts={acts} />}
    </g>
  );
});

/** In the middle of an edge: adds a task between neighbours, or takes the chosen `then` away. */
function EdgeButton({ data, acts }: { data: EdgeData; acts: CanvasActs }) {
  const middle = middleOf(data.points);
  if (middle === null) return null;
  const { insert, then } = data;
  const button = insert !== undefined ? "add" : then !== undefined && data.chosen ? "cut" : null;
  if (button === null) return null;
  const at = button === "cut" && data.labelAt !== undefined ? { x: data.labelAt.x, y: data.labelAt.y + 20 } : middle;
  const label = button === "add" ? t.add.here : t.edit.disconnect;
  return (
    <EdgeLabelRenderer>
      <button
        type="button"
        tabIndex={-1}
        className="edge-button nopan"
        data-edge-button={button}
        aria-label={label}
        title={label}
        style={{ transform: `translate(-50%, -50%) ${translate(at)}` }}
        onClick={(event) => {
          if (insert !== undefined) acts.add(insert, event.currentTarget);
          else if (then !== undefined) acts.disconnect(then);
        }}
      >
        {button === "add" ? <Plus size={12} /> : <X size={12} />}
      </button>
    </EdgeLabelRenderer>
  );
}

const translate = ({ x, y }: Point): string => `translate(${x}px, ${y}px)`;
