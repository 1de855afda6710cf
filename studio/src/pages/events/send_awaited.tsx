import { useMemo } from "react";
import { awaitedTypes } from "../../document/awaited_types";
import { EventDialog } from "./event_dialog";

/** Sends an event that a task of a document waits for; loaded on demand, since it reads the document's text. */
export default function SendAwaited({ source, task, onClose }: { source: string; task: string; onClose: () => void }) {
  const types = useMemo(() => awaitedTypes(source, task), [source, task]);
  return <EventDialog types={types} onClose={onClose} />;
}
