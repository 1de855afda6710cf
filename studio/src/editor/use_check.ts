import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import type { CheckResult } from "../api/types";
import { checkSource } from "../api/workflows";
import { useDebounced } from "../lib/use_debounced";

const TYPING_PAUSE_MS = 250;

/** What the compiler says of the text, asked whenever typing pauses. The last outline that could be drawn stays. */
export function useCheck(source: string) {
  const settled = useDebounced(source, TYPING_PAUSE_MS);
  const query = useQuery({
    queryKey: ["check", settled],
    queryFn: ({ signal }) => checkSource(settled, signal),
    enabled: settled.trim() !== "",
    staleTime: Infinity,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  const lastOutline = useRef<CheckResult["outline"]>(null);
  if (query.data?.outline) lastOutline.current = query.data.outline;
  return {
    result: query.data ?? null,
    outline: query.data?.outline ?? lastOutline.current,
    /** The answer is for exactly this text. */
    current: settled === source && !query.isPlaceholderData && !query.isFetching,
    error: query.error,
    retry: query.refetch,
  };
}
