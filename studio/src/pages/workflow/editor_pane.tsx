import { useMemo, useRef, useState } from "react";
import type { Outline } from "../../api/types";
import type { CanvasHandle } from "../../canvas/canvas";
import type { Editing } from "../../canvas/editing";
import { LazyCanvas } from "../../canvas/lazy_canvas";
import { LazyDocumentEditor } from "../../editor/lazy_editor";
import { Problems } from "../../editor/problems";
import type { useCheck } from "../../editor/use_check";
import type { Draft } from "../../editor/use_draft";
import { useEdits } from "../../editor/use_edits";
import { useFormat } from "../../editor/use_format";
import { useSelection } from "../../editor/use_selection";
import { useStored } from "../../lib/stored";
import { usePhone, useWide } from "../../lib/use_media";
import { t } from "../../messages";
import { useShortcut } from "../../shell/shortcuts";
import { ProblemPanel } from "../../ui/problem_panel";
import { Split } from "../../ui/split";
import { EditorToolbar, type EditorView } from "./editor_toolbar";

interface Props {
  draft: Draft;
  check: ReturnType<typeof useCheck>;
}

const NO_OUTLINE: Outline = { tasks: [] };

/** The text and its graph, side by side where there is room: two views of one document, with one history. */
export function EditorPane({ draft, check }: Props) {
  const { session, source } = draft;
  const outline = check.outline ?? NO_OUTLINE;
  const diagnostics = check.result?.diagnostics;
  const { ref, select, selectKey, goTo } = useSelection(session, outline, check.current);
  const run = useEdits(session, selectKey);
  const format = useFormat(session);
  const wide = useWide();
  const phone = usePhone();
  const [wideView, setWideView] = useStored<EditorView>("editor.view", "both");
  const [narrowView, setNarrowView] = useState<EditorView>("code");
  const [view, setView] = wide ? [wideView, setWideView] : [narrowView, setNarrowView];
  const canvas = useRef<CanvasHandle>(null);
  useShortcut("shift+alt+f", format);

  const editing = useMemo<Editing | undefined>(
    () =>
      phone || session === null
        ? undefined
        : { run, source, undo: session.undo, redo: session.redo, onOpen: () => {} },
    [phone, session, run, source],
  );
  const code = (
    <>
      {check.error === null ? null : (
        <div className="p-3">
          <ProblemPanel error={check.error} onRetry={() => void check.retry()} />
        </div>
      )}
      <LazyDocumentEditor session={session} label={t.editor.label} diagnostics={diagnostics} />
      <Problems diagnostics={diagnostics ?? []} checking={!check.current} onGo={goTo} />
    </>
  );
  const graph = <LazyCanvas outline={outline} selected={ref} onSelect={select} diagnostics={diagnostics} editing={editing} handle={canvas} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <EditorToolbar
        view={view}
        wide={wide}
        onView={setView}
        session={session}
        acts={{ format, add: editing === undefined || view === "code" ? null : () => canvas.current?.addTask() }}
        outline={outline}
        onFound={select}
      />
      {view === "both" ? <Split id="editor" label={t.editor.resize} direction="row" initial={48} first={code} second={graph} /> : view === "code" ? code : graph}
    </div>
  );
}
