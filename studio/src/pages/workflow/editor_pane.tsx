import { useCallback, useState } from "react";
import { LazyCanvas } from "../../canvas/lazy_canvas";
import type { Reveal } from "../../editor/code_editor";
import { taskAtLine, taskByRef } from "../../editor/find_task";
import { LazyEditor } from "../../editor/lazy_editor";
import { Problems } from "../../editor/problems";
import type { useCheck } from "../../editor/use_check";
import type { Outline } from "../../api/types";
import { useWide } from "../../lib/use_media";
import { t } from "../../messages";
import { ProblemPanel } from "../../ui/problem_panel";
import { Segmented } from "../../ui/segmented";
import { Split } from "../../ui/split";

interface Props {
  source: string;
  onChange?: (source: string) => void;
  readOnly?: boolean;
  check: ReturnType<typeof useCheck>;
}

const NO_OUTLINE: Outline = { tasks: [] };
let nonce = 0;

/** The text and its graph, side by side where there is room. Choosing a task in one shows it in the other. */
export function EditorPane({ source, onChange, readOnly = false, check }: Props) {
  const [selected, setSelected] = useState<string | null>(null);
  const [reveal, setReveal] = useState<Reveal | null>(null);
  const [view, setView] = useState<"code" | "graph">("code");
  const wide = useWide();
  const { outline } = check;
  const diagnostics = check.result?.diagnostics;

  const select = useCallback(
    (ref: string | null) => {
      setSelected(ref);
      const task = ref === null ? undefined : taskByRef(outline, ref);
      if (task !== undefined) setReveal({ line: task.line, column: task.column, nonce: ++nonce, focus: false });
    },
    [outline],
  );
  const code = (
    <>
      {check.error === null ? null : (
        <div className="p-3">
          <ProblemPanel error={check.error} onRetry={() => void check.retry()} />
        </div>
      )}
      <LazyEditor
        label={t.editor.label}
        language={source.trimStart().startsWith("{") ? "json" : "yaml"}
        value={source}
        onChange={onChange}
        readOnly={readOnly}
        diagnostics={diagnostics}
        reveal={reveal}
        onLine={(line) => setSelected(taskAtLine(outline, line)?.ref ?? null)}
      />
      <Problems
        diagnostics={diagnostics ?? []}
        checking={!check.current}
        onGo={(one) => setReveal({ line: one.line, column: one.column, nonce: ++nonce, focus: true })}
      />
    </>
  );
  const graph = <LazyCanvas outline={outline ?? NO_OUTLINE} selected={selected} onSelect={select} diagnostics={diagnostics} />;
  if (wide) return <Split id="editor" label={t.editor.resize} direction="row" initial={48} first={code} second={graph} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="shrink-0 border-b px-4 py-2">
        <Segmented
          label={t.editor.view}
          value={view}
          onChange={setView}
          options={[
            { value: "code", label: t.editor.code },
            { value: "graph", label: t.editor.graph },
          ]}
        />
      </div>
      {view === "code" ? code : graph}
    </div>
  );
}
