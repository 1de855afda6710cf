import { Radio } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { t } from "../messages";
import { useCommands } from "./commands";

const EventDialog = lazy(async () => ({ default: (await import("../pages/events/event_dialog")).EventDialog }));
const NO_TYPES: string[] = [];

/** Sending an event by hand, from anywhere. */
export function EventCommand() {
  const [open, setOpen] = useState(false);
  useCommands([{ id: "event", label: t.events.send, group: t.palette.groups.executions, icon: <Radio size={15} />, run: () => setOpen(true) }], "event");
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      <EventDialog types={NO_TYPES} onClose={() => setOpen(false)} />
    </Suspense>
  );
}
