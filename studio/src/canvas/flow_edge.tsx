import { EdgeLabelRenderer, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import type { EdgeData } from "./flow";
import { roundedPath } from "./path";

const RADIUS = 8;
const HEAD = 5;

export const FlowEdge = memo(function FlowEdge({ data }: EdgeProps<Edge<EdgeData>>) {
  const tip = data?.points.at(-1);
  if (data === undefined || tip === undefined) return null;
  const shaft = [...data.points.slice(0, -1), { x: tip.x, y: tip.y - 2 }];
  return (
    <g className="flow-edge" data-taken={data.taken || undefined}>
      <path d={roundedPath(shaft, RADIUS)} fill="none" strokeDasharray={data.dashed ? "4 4" : undefined} />
      <path d={`M${tip.x - HEAD} ${tip.y - HEAD - 1}L${tip.x} ${tip.y - 1}L${tip.x + HEAD} ${tip.y - HEAD - 1}`} fill="none" />
      {data.label === undefined || data.labelAt === undefined ? null : (
        <EdgeLabelRenderer>
          <span
            className="edge-label nopan"
            data-taken={data.taken || undefined}
            title={data.title}
            style={{ transform: `translate(-50%, -50%) translate(${data.labelAt.x}px, ${data.labelAt.y}px)` }}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      )}
    </g>
  );
});
