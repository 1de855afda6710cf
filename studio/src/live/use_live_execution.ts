import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { executionQuery, journalQuery } from "../api/queries";
import type { Execution, JournalEvent } from "../api/types";
import { openEventStream } from "./event_source";
import { foldEvents, hasEnded } from "./fold";

export type Liveness = "live" | "polling" | "ended" | "connecting";

const POLL_MS = 2000;
/** What waits in the queue has no events yet. */
const QUEUED_POLL_MS = 1000;
/** How soon after events the server's own picture replaces the folded one. */
const RECONCILE_MS = 3000;
const REOPEN_MS = 10_000;

/** An execution that moves by itself: by its event stream, by polling when there is none, not at all when it has ended. */
export function useLiveExecution(id: string) {
  const client = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const [round, setRound] = useState(0);
  const query = useQuery({
    ...executionQuery(id),
    refetchInterval: ({ state }) => (state.data?.status === "queued" ? QUEUED_POLL_MS : liveness === "polling" ? POLL_MS : false),
  });
  const loaded = query.data !== undefined && query.data.status !== "queued";
  const ended = query.data !== undefined && hasEnded(query.data.status);

  useEffect(() => {
    if (!loaded || ended) return;
    const key = executionQuery(id).queryKey;
    let reopen: ReturnType<typeof setTimeout> | undefined;
    // What the picture has already is not told again: it may be tens of thousands of events.
    let lastSeq = client.getQueryData<Execution>(key)?.events ?? 0;
    let pending: ReturnType<typeof setTimeout> | undefined;
    const reconcile = () => {
      clearTimeout(pending);
      pending = undefined;
      void client.invalidateQueries({ queryKey: key });
    };
    const receive = (events: JournalEvent[]) => {
      const fresh = events.filter((event) => event.seq > lastSeq);
      lastSeq = fresh.at(-1)?.seq ?? lastSeq;
      client.setQueryData<Execution>(key, (execution) => execution && foldEvents(execution, fresh));
      client.setQueryData<JournalEvent[]>(journalQuery(id).queryKey, (known) => known && append(known, fresh));
      pending ??= setTimeout(reconcile, RECONCILE_MS);
    };
    const close = openEventStream(id, lastSeq, {
      onEvents: receive,
      onOpen: () => setLiveness("live"),
      onEnd: reconcile,
      onLost: () => {
        setLiveness("polling");
        reopen = setTimeout(() => setRound((count) => count + 1), REOPEN_MS);
      },
    });
    return () => {
      clearTimeout(reopen);
      clearTimeout(pending);
      close();
    };
  }, [id, loaded, ended, round, client]);

  // The last event ends the fold; the server's final picture has the exact times and outputs.
  useEffect(() => {
    if (!ended) return;
    void client.invalidateQueries({ queryKey: executionQuery(id).queryKey });
    void client.invalidateQueries({ queryKey: journalQuery(id).queryKey });
  }, [ended, id, client]);

  return { query, liveness: ended ? ("ended" as const) : liveness };
}

function append(known: JournalEvent[], fresh: JournalEvent[]): JournalEvent[] {
  const last = known.at(-1)?.seq ?? 0;
  const news = fresh.filter((event) => event.seq > last);
  return news.length === 0 ? known : [...known, ...news];
}
