import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { connectorsQuery, vocabularyQuery } from "../api/queries";
import type { Diagnostic, Outline } from "../api/types";
import { setField, unsetField } from "../document/gestures";
import { indexOf, type TaskEntry } from "../document/outline_index";
import { probeOf } from "../document/probe";
import { definitionOf } from "../document/task_text";
import type { RunGesture } from "../editor/use_edits";
import { t } from "../messages";
import { IconButton } from "../ui/icon_button";
import { KindIcon } from "../ui/kind_icon";
import { ProblemPanel } from "../ui/problem_panel";
import { SkeletonBlock } from "../ui/skeleton";
import { FieldList, FieldProblems } from "./field_row";
import { FormTaskContext, type FormTask } from "./form_context";
import { problemsElsewhere, stepForm, taskForm } from "./task_form";

interface Props {
  /** The text, and the outline of exactly this text. */
  source: string;
  outline: Outline;
  selected: string | null;
  /** How many tasks are chosen: the form is of one. */
  count: number;
  diagnostics: Diagnostic[];
  run: RunGesture;
  /** A new number for every time the form is asked for: its first field then takes the focus. */
  wanted: number;
  onClose: () => void;
}

/** The form of the chosen task, made from the language's vocabulary and the schema of what it calls. */
export default function TaskPanel({ source, outline, selected, count, diagnostics, run, wanted, onClose }: Props) {
  const entry = selected === null || count > 1 ? undefined : indexOf(outline).byRef.get(selected);
  return (
    <section
      aria-label={entry === undefined ? t.form.open : t.form.label(entry.task.name)}
      className="flex min-h-0 flex-1 flex-col bg-surface"
      onKeyDown={(event) => {
        // A menu of a field is elsewhere on the page, and answers Escape itself; so does a list of completions.
        if (event.key === "Escape" && !event.isDefaultPrevented() && event.currentTarget.contains(event.target as Node)) onClose();
      }}
    >
      {entry === undefined ? (
        <header className="flex items-start justify-between gap-2 py-2.5 pr-2 pl-4">
          <p className="pt-1 text-sm text-dim">{count > 1 ? t.form.several(count) : t.form.none}</p>
          <IconButton label={t.form.close} icon={<X size={15} />} onClick={onClose} />
        </header>
      ) : (
        <>
          <PanelHead entry={entry} onClose={onClose} />
          <PanelBody key={entry.key} entry={entry} source={source} diagnostics={diagnostics} run={run} wanted={wanted} />
        </>
      )}
    </section>
  );
}

function PanelHead({ entry: { task }, onClose }: { entry: TaskEntry; onClose: () => void }) {
  return (
    <header className="flex shrink-0 items-center gap-2.5 border-b py-2.5 pr-2 pl-4">
      <span className="task-icon" data-kind={task.kind}>
        <KindIcon kind={task.kind} icon={task.role ?? task.icon} />
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="truncate text-sm leading-4.5 font-semibold">{task.name}</h2>
        <p className="truncate text-xs text-dim">{task.role === undefined ? t.kinds[task.kind] : t.roles[task.role]}</p>
      </div>
      <IconButton label={t.form.close} keys="esc" icon={<X size={15} />} onClick={onClose} />
    </header>
  );
}

interface BodyProps {
  entry: TaskEntry;
  source: string;
  diagnostics: Diagnostic[];
  run: RunGesture;
  wanted: number;
}

/** The last request that was answered; a form that opens for another reason leaves the focus where it is. */
let answered = 0;

function PanelBody({ entry, source, diagnostics, run, wanted }: BodyProps) {
  const vocabulary = useQuery(vocabularyQuery);
  const connectors = useQuery(connectorsQuery);
  const { task, key, list } = entry;
  const definition = useMemo(() => definitionOf(source, task), [source, task]);
  const form = useMemo(
    () => {
      if (vocabulary.data === undefined || definition === undefined) return null;
      return task.role === "step" ? stepForm(vocabulary.data) : taskForm(vocabulary.data, connectors.data?.items ?? [], task.kind, definition);
    },
    [vocabulary.data, connectors.data, task.role, task.kind, definition],
  );
  const context = useMemo<FormTask>(
    () => ({
      ref: task.ref,
      diagnostics,
      siblings: list.tasks.filter((one) => one.name !== task.name).map((one) => one.name),
      probe: (path, text, bare) => probeOf(source, task, path, text, bare),
      set: (path, value) => run(setField(key, path, value)),
      unset: (path) => run(unsetField(key, path)),
    }),
    [task, key, list, source, diagnostics, run],
  );
  const body = useRef<HTMLDivElement>(null);
  const ready = form !== null;
  useEffect(() => {
    if (!ready || wanted === answered) return;
    answered = wanted;
    body.current?.querySelector<HTMLElement>("input, textarea, select, [data-value-editor]")?.focus();
  }, [ready, wanted]);
  if (vocabulary.error !== null) {
    return (
      <div className="p-4">
        <ProblemPanel error={vocabulary.error} onRetry={() => void vocabulary.refetch()} />
      </div>
    );
  }
  if (definition === undefined) return <p className="p-4 text-sm text-dim">{t.form.unreadable}</p>;
  if (form === null) return <SkeletonBlock label={t.form.loading} />;
  return (
    <FormTaskContext value={context}>
      <div ref={body} className="min-h-0 flex-1 overflow-y-auto px-4 pt-3 pb-8">
        <FieldProblems problems={problemsElsewhere(diagnostics, task.ref, [...form.own, ...form.common])} />
        <FieldList fields={form.own} value={definition} path={[]} />
        {form.common.length === 0 ? null : (
          <>
            <h3 className="mt-6 mb-2.5 border-t pt-4 text-xs font-medium text-dim">{t.form.common}</h3>
            <FieldList fields={form.common} value={definition} path={[]} />
          </>
        )}
      </div>
    </FormTaskContext>
  );
}
