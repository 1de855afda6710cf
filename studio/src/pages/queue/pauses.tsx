import { Pause as PauseIcon, Play } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Gate, Pause } from "../../api/flow";
import { workflowPath } from "../../lib/qualified_name";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { RelativeTime } from "../../ui/time_text";
import { useResume } from "./use_flow";
import { gateOfPause, resumeText, targetText } from "./wait_text";

const SHOWN = 5;

/** What people hold back, who, why and since when. */
export function Pauses({ pauses, gates }: { pauses: Pause[]; gates: Gate[] }) {
  const [all, setAll] = useState(false);
  if (pauses.length === 0) return null;
  const shown = all ? pauses : pauses.slice(0, SHOWN);
  return (
    <section aria-label={t.flow.pauses.title} className="overflow-hidden rounded-lg border border-suspended-line bg-suspended-soft">
      <ul className="divide-y divide-suspended-line">
        {shown.map((pause) => (
          <PauseRow key={targetText(pause)} pause={pause} waiting={gateOfPause(pause, gates)?.waiting ?? 0} />
        ))}
      </ul>
      {shown.length === pauses.length ? null : (
        <div className="border-t border-suspended-line px-2.5 py-1.5">
          <Button tone="ghost" size="sm" onClick={() => setAll(true)}>
            {t.flow.pauses.more(pauses.length - shown.length)}
          </Button>
        </div>
      )}
    </section>
  );
}

function PauseRow({ pause, waiting }: { pause: Pause; waiting: number }) {
  const resume = useResume();
  const what = targetText(pause);
  return (
    <li data-pause={what} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2 text-sm">
      <PauseIcon size={15} className="shrink-0 text-suspended" />
      <p className="min-w-0 flex-1 basis-56">
        {pause.workflow === null ? (
          <span className="font-medium">{what}</span>
        ) : (
          <Link to={workflowPath(pause.workflow, "limits")} className="rounded-sm font-medium hover:underline">
            {what}
          </Link>
        )}{" "}
        <span className="text-soft">
          {t.flow.pauses.by(pause.by)} <RelativeTime iso={pause.since} />
          {waiting === 0 ? null : `, ${t.flow.pauses.waiting(waiting)}`}
          {pause.running === "finish" ? `, ${t.flow.pauses.finish}` : null}
        </span>
        <span className="block break-words text-soft">{pause.reason === "" ? t.flow.pauses.noReason : pause.reason}</span>
      </p>
      <Button size="sm" icon={<Play size={13} />} aria-label={resumeText(pause)} busy={resume.isPending} onClick={() => resume.mutate(pause)}>
        {t.flow.pauses.resume}
      </Button>
    </li>
  );
}
