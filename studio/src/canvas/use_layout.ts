import { useEffect, useMemo, useState } from "react";
import { shapeOf, type Graph } from "./graph";
import { layout as layOut } from "./elk";
import type { Layout } from "./layout";

interface Placed {
  graph: Graph;
  layout: Layout;
}

/** Lays a graph out. While the engine works, and for edits that do not change the shape, the last layout stands. */
export function useLayout(graph: Graph | null): { placed: Placed | null; working: boolean } {
  const shape = useMemo(() => (graph === null ? null : shapeOf(graph)), [graph]);
  const [done, setDone] = useState<{ shape: string; graph: Graph; layout: Layout } | null>(null);
  useEffect(() => {
    if (graph === null || shape === null || done?.shape === shape) return;
    let current = true;
    void layOut(graph).then((layout) => {
      if (current) setDone({ shape, graph, layout });
    });
    return () => {
      current = false;
    };
  }, [graph, shape, done?.shape]);
  const working = done?.shape !== shape;
  const { graph: drawn, layout } = done ?? {};
  const placed = useMemo(() => {
    const shown = working ? drawn : (graph ?? undefined);
    return shown === undefined || layout === undefined ? null : { graph: shown, layout };
  }, [working, drawn, graph, layout]);
  return { placed, working };
}
