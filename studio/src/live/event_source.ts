import { eventStreamUrl } from "../api/executions";
import type { JournalEvent } from "../api/types";

/** Named events reach nobody who does not ask for them by name. */
const EVENT_TYPES = [
  "execution.started",
  "execution.completed",
  "execution.faulted",
  "execution.cancelled",
  "execution.migrated",
  "execution.forked",
  "execution.paused",
  "execution.resumed",
  "task.parked",
  "task.repaired",
  "cancel.requested",
  "task.started",
  "task.completed",
  "task.faulted",
  "task.skipped",
  "task.cancelled",
  "activity.scheduled",
  "activity.failed",
  "activity.lost",
  "retry.scheduled",
  "retry.started",
  "timer.set",
  "timer.fired",
  "error.caught",
  "loop.advanced",
  "event.consumed",
  "round.completed",
  "switch.matched",
];

interface Listener {
  onEvents: (events: JournalEvent[]) => void;
  onOpen: () => void;
  /** The stream is through: the execution has ended. */
  onEnd: () => void;
  /** The browser gave the stream up; somebody has to poll. */
  onLost: () => void;
}

/** Bursts are handed over once a frame, so that a fast workflow does not render a thousand times. */
const BATCH_MS = 50;

export function openEventStream(id: string, after: number, listener: Listener): () => void {
  const source = new EventSource(eventStreamUrl(id, after));
  let batch: JournalEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const events = batch;
    batch = [];
    if (events.length > 0) listener.onEvents(events);
  };
  const receive = (message: MessageEvent<string>) => {
    batch.push(JSON.parse(message.data) as JournalEvent);
    timer ??= setTimeout(flush, BATCH_MS);
  };
  for (const type of EVENT_TYPES) source.addEventListener(type, receive);
  source.onmessage = receive;
  source.onopen = listener.onOpen;
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) listener.onLost();
  };
  source.addEventListener("end", () => {
    flush();
    source.close();
    listener.onEnd();
  });
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
