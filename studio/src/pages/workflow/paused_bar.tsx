import { Pause, Play } from "lucide-react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { usePausesOf, useResume } from "../queue/use_flow";
import { targetText } from "../queue/wait_text";

/** On every tab of a workflow of which nothing starts: why, and the way out. */
export function PausedBar({ workflow }: { workflow: string }) {
  const pauses = usePausesOf(workflow);
  const resume = useResume();
  return pauses.map((pause) => (
    <div
      key={targetText(pause)}
      role="status"
      data-paused={pause.workflow ?? "account"}
      className="mx-4 mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-suspended-line bg-suspended-soft py-1.5 pr-1.5 pl-3 text-sm md:mx-6"
    >
      <Pause size={15} className="shrink-0 text-suspended" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{pause.workflow === null ? t.flow.pause.barAll : t.flow.pause.bar}</span>{" "}
        <span className="break-words text-soft">
          {pause.reason === "" ? "" : `${pause.reason} · `}
          {t.flow.pauses.by(pause.by)} <RelativeTime iso={pause.since} />
        </span>
      </p>
      <Button size="sm" icon={<Play size={13} />} busy={resume.isPending} onClick={() => resume.mutate(pause)}>
        {t.flow.pauses.resume}
      </Button>
    </div>
  ));
}
