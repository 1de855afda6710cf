import { Columns2, FileCode2, PanelRight, Plus, Redo2, Undo2, WandSparkles, Workflow } from "lucide-react";
import { useSyncExternalStore } from "react";
import type { Outline } from "../../api/types";
import type { Session } from "../../editor/session";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { IconButton } from "../../ui/icon_button";
import { Segmented } from "../../ui/segmented";
import { FindTask } from "./find_task_field";

export type EditorView = "code" | "both" | "graph";

interface Props {
  view: EditorView;
  wide: boolean;
  onView: (view: EditorView) => void;
  session: Session | null;
  /** Missing where the document is only read. */
  acts: { format: () => void; canvas: { add: () => void; form: boolean; onForm: (open: boolean) => void } | null } | null;
  outline: Outline;
  onFound: (ref: string) => void;
}

const VIEWS = [
  { value: "code" as const, label: t.editor.code, icon: <FileCode2 size={14} /> },
  { value: "both" as const, label: t.editor.both, icon: <Columns2 size={14} /> },
  { value: "graph" as const, label: t.editor.graph, icon: <Workflow size={14} /> },
];

/** Above text and graph: what is shown, and what works on both. */
export function EditorToolbar({ view, wide, onView, session, acts, outline, onFound }: Props) {
  const options = VIEWS.filter((one) => wide || one.value !== "both").map((one) => ({ ...one, hideText: wide }));
  return (
    <div className="flex h-11 shrink-0 items-center gap-2 border-b px-4 md:px-6">
      <Segmented label={t.editor.view} value={view} onChange={onView} options={options} />
      <span className="min-w-0 flex-1" />
      <FindTask outline={outline} onFound={onFound} />
      {acts === null ? null : (
        <div role="group" aria-label={t.edit.toolbar} className="flex items-center gap-0.5">
          <History session={session} />
          <IconButton label={t.edit.format} keys="shift+alt+f" icon={<WandSparkles size={15} />} onClick={acts.format} className="max-sm:hidden" />
          {acts.canvas === null ? null : <CanvasActs {...acts.canvas} />}
        </div>
      )}
    </div>
  );
}

function CanvasActs({ add, form, onForm }: { add: () => void; form: boolean; onForm: (open: boolean) => void }) {
  return (
    <>
      <IconButton label={t.form.open} keys="enter" icon={<PanelRight size={15} />} aria-pressed={form} onClick={() => onForm(!form)} />
      <Button size="sm" icon={<Plus size={14} />} onClick={add} className="ml-1.5">
        {t.add.button}
      </Button>
    </>
  );
}

function History({ session }: { session: Session | null }) {
  const steps = useSyncExternalStore(session?.subscribe ?? silent, () => `${session?.canUndo === true}${session?.canRedo === true}`);
  void steps;
  return (
    <>
      <IconButton label={t.edit.undo} keys="mod+z" icon={<Undo2 size={15} />} disabled={session?.canUndo !== true} onClick={() => session?.undo()} />
      <IconButton label={t.edit.redo} keys="mod+shift+z" icon={<Redo2 size={15} />} disabled={session?.canRedo !== true} onClick={() => session?.redo()} />
    </>
  );
}

const silent = () => () => {};
