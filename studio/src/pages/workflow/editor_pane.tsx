import { usePrefetchQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { connectorsQuery } from "../../api/queries";
import type { Diagnostic, Outline } from "../../api/types";
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
import { LazyTaskPanel } from "../../form/lazy_task_panel";
import { useStored } from "../../lib/stored";
import { usePhone, useWide } from "../../lib/use_media";
import { t } from "../../messages";
import { useShortcut } from "../../lib/shortcuts";
import { ProblemPanel } from "../../ui/problem_panel";
import { Split } from "../../ui/split";
import { EditorToolbar, type EditorView } from "./editor_toolbar";

interface Props {
  draft: Draft;
  check: ReturnType<typeof useCheck>;
}

const NO_DIAGNOSTICS: Diagnostic[] = [];
const NOTHING_DRAWN = { outline: { tasks: [] } as Outline, source: "" };

/** The text and its graph, side by side where there is room: two views of one document, with one history. */
export function EditorPane({ draft, check }: Props) {
  const { session } = draft;
  const { outline, source } = check.drawn ?? NOTHING_DRAWN;
  const diagnostics = check.result?.diagnostics;
  const { ref, refs, select, choose, selectKeys, goTo } = useSelection(session, outline, check.current);
  const run = useEdits(session, selectKeys);
  const format = useFormat(session);
  const wide = useWide();
  const phone = usePhone();
  const [wideView, setWideView] = useStored<EditorView>("editor.view", "both");
  const [narrowView, setNarrowView] = useState<EditorView>("code");
  const [view, setView] = wide ? [wideView, setWideView] : [narrowView, setNarrowView];
  const [storedForm, setForm] = useStored<"open" | "closed">("editor.form", "closed");
  const form = storedForm === "open" && !phone && view !== "code";
  const [wanted, setWanted] = useState(0);
  const openForm = useCallback(() => {
    setForm("open");
    setWanted(Date.now());
  }, [setForm]);
  const canvas = useRef<CanvasHandle>(null);
  const closeForm = () => {
    setForm("closed");
    canvas.current?.focus();
  };
  useShortcut("shift+alt+f", format);
  // What can be called is wanted at the first press of a plus.
  usePrefetchQuery(connectorsQuery);

  const editing = useMemo<Editing | undefined>(
    () =>
      phone || session === null
        ? undefined
        : { run, source, undo: session.undo, redo: session.redo, onOpen: openForm },
    [phone, session, run, source, openForm],
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
  const canvasPane = <LazyCanvas outline={outline} selected={ref} chosen={refs} onSelect={select} onChoose={choose} diagnostics={diagnostics} editing={editing} handle={canvas} />;
  const panel = (
    <LazyTaskPanel source={source} outline={outline} selected={ref} count={refs.length} diagnostics={diagnostics ?? NO_DIAGNOSTICS} run={run} wanted={wanted} onClose={closeForm} />
  );
  const graph = (
    <Split id="form" label={t.form.resize} direction="row" initial={56} first={canvasPane} second={form ? panel : null} />
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <EditorToolbar
        view={view}
        wide={wide}
        onView={setView}
        session={session}
        acts={{
          format,
          canvas:
            editing === undefined || view === "code"
              ? null
              : { add: () => canvas.current?.addTask(), form, onForm: (open) => (open ? openForm() : closeForm()) },
        }}
        outline={outline}
        onFound={select}
      />
      <Split id="editor" label={t.editor.resize} direction="row" initial={48} first={view === "graph" ? null : code} second={view === "code" ? null : graph} />
    </div>
  );
}
