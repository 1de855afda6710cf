import { keepPreviousData, queryOptions, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { EditResult } from "../api/language";
import type { Outline } from "../api/types";
import { checkSource } from "../api/workflows";
import { useDebounced } from "../lib/use_debounced";

const TYPING_PAUSE_MS = 250;

const checkQuery = (source: string) =>
  queryOptions({
    queryKey: ["check", source],
    queryFn: ({ signal }) => checkSource(source, signal),
    staleTime: Infinity,
    gcTime: 60_000,
  });

/** What the compiler says of exactly this text, from memory where it has said it before. */
export const checked = (client: QueryClient, source: string) => client.fetchQuery(checkQuery(source));

/** An edit comes with what a check of its result would say. */
export function rememberCheck(client: QueryClient, before: string, { source, valid, diagnostics, outline }: EditResult): void {
  const document = client.getQueryData(checkQuery(before).queryKey)?.document ?? null;
  client.setQueryData(checkQuery(source).queryKey, { valid, diagnostics, outline, document });
}

/** What the compiler says of the text, asked whenever typing pauses. The last outline that could be drawn stays. */
export function useCheck(source: string) {
  const client = useQueryClient();
  const known = client.getQueryData(checkQuery(source).queryKey) !== undefined;
  const paused = useDebounced(source, TYPING_PAUSE_MS);
  const settled = known ? source : paused;
  const query = useQuery({ ...checkQuery(settled), enabled: settled.trim() !== "", placeholderData: keepPreviousData });
  const drawn = useRef<{ outline: Outline; source: string } | null>(null);
  if (query.data?.outline && !query.isPlaceholderData) drawn.current = { outline: query.data.outline, source: settled };
  return {
    result: query.data ?? null,
    /** The last outline there was, and the text it is of. */
    drawn: drawn.current,
    /** The answer is for exactly this text. */
    current: settled === source && !query.isPlaceholderData && !query.isFetching,
    error: query.error,
    retry: query.refetch,
  };
}
