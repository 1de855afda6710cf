import { Pause as PauseIcon, Play } from "lucide-react";
import type { Pause } from "../../api/flow";
import { t } from "../../messages";
import { useCommands } from "../../shell/commands";
import { useResume } from "./use_flow";
import { resumeText } from "./wait_text";

/** In the palette: the pause of what is shown, or the way out of it. `label`: of the act that asks for the pause. */
export function usePauseCommand(what: string, pause: Pause | undefined, label: string, onPause: () => void): void {
  const resume = useResume();
  const group = t.palette.groups.here;
  useCommands(
    pause === undefined
      ? [{ id: `pause-${what}`, label, group, icon: <PauseIcon size={15} />, run: onPause }]
      : [{ id: `resume-${what}`, label: resumeText(pause), group, icon: <Play size={15} />, run: () => resume.mutate(pause) }],
    pause === undefined ? what : `${what} paused`,
  );
}
