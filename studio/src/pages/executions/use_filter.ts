import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { ExecutionFilter } from "../../api/executions";
import { PHASES, type Phase } from "../../api/types";
import { findTerms } from "./find_terms";

export interface Filter {
  /** `queued` stands alone: what waits for its turn is another list. */
  status: (Phase | "queued")[];
  workflow: string;
  /** Hours back from now, as text; empty is all time. */
  since: string;
  /** Conditions as typed; see find_terms.ts. */
  find: string;
}

export const NO_FILTER: Filter = { status: [], workflow: "", since: "", find: "" };

export const isFiltered = (filter: Filter) => filter.status.length > 0 || filter.workflow !== "" || filter.since !== "" || filter.find !== "";

export const isQueued = (filter: Filter) => filter.status.includes("queued");

const HOUR_MS = 3_600_000;

/** The filter lives in the address, so that it can be sent to a colleague. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [params, setParams] = useSearchParams();
  const filter = useMemo<Filter>(() => {
    const status = (params.get("status") ?? "").split(",");
    return {
      status: status.includes("queued") ? ["queued"] : PHASES.filter((phase) => status.includes(phase)),
      workflow: params.get("workflow") ?? "",
      since: params.get("since") ?? "",
      find: params.get("find") ?? "",
    };
  }, [params]);
  const change = useCallback(
    (part: Partial<Filter>) => {
      const next = { ...filter, ...part };
      const search = new URLSearchParams();
      if (next.status.length > 0) search.set("status", next.status.join(","));
      if (next.workflow !== "") search.set("workflow", next.workflow);
      if (next.since !== "") search.set("since", next.since);
      if (next.find !== "") search.set("find", next.find);
      setParams(search, { replace: true });
    },
    [filter, setParams],
  );
  return [filter, change];
}

/** The server's filter. Its `since` stays while the filter does: a list that is read does not begin anew with each minute. */
export function useQueryOf(filter: Filter): ExecutionFilter {
  const [kept, setKept] = useState(() => ({ filter, query: toQuery(filter, Date.now()) }));
  if (kept.filter === filter) return kept.query;
  const next = { filter, query: toQuery(filter, Date.now()) };
  setKept(next);
  return next.query;
}

/** `since` is cut to the minute: who comes back soon finds what was read. */
function toQuery(filter: Filter, now: number): ExecutionFilter {
  const hours = Number(filter.since);
  const since = hours > 0 ? new Date(Math.floor((now - hours * HOUR_MS) / 60_000) * 60_000).toISOString() : undefined;
  return { ...findTerms(filter.find), workflow: filter.workflow || undefined, status: filter.status.join(",") || undefined, since };
}
