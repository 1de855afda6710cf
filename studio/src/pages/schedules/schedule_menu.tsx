import { CopyPlus, Pause, Pencil, Play, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Schedule } from "../../api/schedules";
import { t } from "../../messages";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import { RowMenu } from "../../ui/row_menu";
import { BackfillDialog, DeleteDialog, PauseDialog } from "./dialogs";
import { useActs } from "./use_acts";

export type Asked = "pause" | "backfill" | "remove" | null;

/** Everything that can be done to a schedule. */
export function ScheduleMenu({ schedule }: { schedule: Schedule }) {
  const [asked, setAsked] = useState<Asked>(null);
  const { resume, trigger } = useActs(schedule);
  const navigate = useNavigate();
  const a = t.schedules.actions;
  return (
    <>
      <RowMenu label={`${t.schedules.more}: ${schedule.id}`}>
        <MenuItem icon={<Zap size={14} />} onSelect={() => trigger.mutate()}>
          {a.trigger}
        </MenuItem>
        {schedule.paused ? (
          <MenuItem icon={<Play size={14} />} onSelect={() => resume.mutate()}>
            {a.resume}
          </MenuItem>
        ) : (
          <MenuItem icon={<Pause size={14} />} onSelect={() => setAsked("pause")}>
            {a.pause}
          </MenuItem>
        )}
        <MenuItem icon={<Pencil size={14} />} onSelect={() => void navigate(`/schedules/${encodeURIComponent(schedule.id)}/edit`)}>
          {a.edit}
        </MenuItem>
        {schedule.kind === "times" ? (
          <MenuItem icon={<CopyPlus size={14} />} onSelect={() => setAsked("backfill")}>
            {a.backfill}
          </MenuItem>
        ) : null}
        {schedule.origin === "document" ? null : (
          <>
            <MenuSeparator />
            <MenuItem icon={<Trash2 size={14} />} onSelect={() => setAsked("remove")}>
              {a.remove}
            </MenuItem>
          </>
        )}
      </RowMenu>
      <ScheduleDialog asked={asked} schedule={schedule} onClose={() => setAsked(null)} />
    </>
  );
}

export function ScheduleDialog({ asked, schedule, onClose }: { asked: Asked; schedule: Schedule; onClose: () => void }) {
  const navigate = useNavigate();
  if (asked === "pause") return <PauseDialog schedule={schedule} onClose={onClose} />;
  if (asked === "backfill") return <BackfillDialog schedule={schedule} onClose={onClose} />;
  if (asked === "remove") return <DeleteDialog schedule={schedule} onClose={onClose} onDeleted={() => void navigate("/schedules")} />;
  return null;
}
