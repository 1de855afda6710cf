import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { addTasks, deleteTask, disconnect, moveBy, placeAfter, renameTask, type NewTask, type Place } from "../document/gestures";
import { definitionOf, parseTasks, taskYaml } from "../document/task_text";
import type { OutlineIndex, TaskEntry } from "../document/outline_index";
import { t } from "../messages";
import { toast } from "../ui/toast_store";
import type { CanvasActs, Editing } from "./editing";
import type { GraphEdge } from "./graph";
import { keyAct, type KeyAct } from "./keys";

export interface Adding {
  place: Place;
  /** Where the list opens, in the frame. */
  at: { x: number; y: number };
}

interface Options {
  editing: Editing | undefined;
  index: OutlineIndex;
  selected: string | null;
  onSelect: (ref: string | null) => void;
  frame: React.RefObject<HTMLDivElement | null>;
  edges: GraphEdge[];
}

/** What an editable canvas is in the middle of, and what keys, clipboard and its parts can do. */
export function useEditing({ editing, index, selected, onSelect, frame, edges }: Options) {
  const [adding, setAdding] = useState<Adding | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [chosenEdge, setChosenEdge] = useState<string | null>(null);
  const entry = selected === null ? undefined : index.byRef.get(selected);
  const latest = useRef({ editing, index, renaming, entry });
  useEffect(() => {
    latest.current = { editing, index, renaming, entry };
  });

  const acts = useMemo<CanvasActs>(
    () => ({
      add: (place, near) => setAdding({ place, at: below(near, frame.current) }),
      chooseEdge: (edge) => {
        setChosenEdge(edge);
        frame.current?.focus({ preventScroll: true });
      },
      disconnect: (then) => {
        setChosenEdge(null);
        const key = latest.current.index.byRef.get(then.ref)?.key;
        if (key !== undefined) latest.current.editing?.run(disconnect({ key, case: then.case }));
      },
      rename: (ref, name) => {
        const { renaming: open, index: current, editing: on } = latest.current;
        if (open === null) return;
        latest.current.renaming = null;
        setRenaming(null);
        const renamed = current.byRef.get(ref);
        if (name === null || renamed === undefined || name.trim() === renamed.task.name) return;
        const refusal = nameProblem(renamed, name.trim());
        if (refusal === null) on?.run(renameTask(renamed.key, name.trim()));
        else toast({ tone: "error", title: refusal });
      },
    }),
    [frame],
  );

  const addAt = (place: Place) => {
    const card = selected === null ? null : frame.current?.querySelector(`[data-task="${CSS.escape(selected)}"]`);
    setAdding({ place, at: below(card ?? frame.current, frame.current) });
  };
  const choose = (task: NewTask) => {
    if (adding !== null) editing?.run(addTasks(adding.place, [task]));
    setAdding(null);
  };
  const perform = (act: KeyAct, on: Editing): boolean => {
    const edge = edges.find((one) => one.id === chosenEdge);
    if (act === "undo") on.undo();
    else if (act === "redo") on.redo();
    else if (act === "delete" && edge?.then !== undefined) acts.disconnect(edge.then);
    else if (act === "addAfter") addAt(placeAfter(index, entry?.key ?? null));
    else if (entry === undefined) return false;
    else if (act === "delete") on.run(deleteTask(entry.key));
    else if (act === "rename") setRenaming(entry.task.ref);
    else if (act === "duplicate") duplicate(on, entry);
    else if (act === "up") on.run(moveBy(entry.key, -1));
    else if (act === "down") on.run(moveBy(entry.key, 1));
    else if (act === "addBefore") addAt({ list: entry.list.pointer, at: entry.at });
    else if (act === "open") on.onOpen();
    return true;
  };
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    const act = editing === undefined || inField(event.target) ? null : keyAct(event);
    if (act === null || editing === undefined || !perform(act, editing)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  const copy = (event: React.ClipboardEvent): boolean => {
    if (editing === undefined || entry === undefined || inField(event.target)) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", taskYaml(editing.source, entry.task));
    return true;
  };
  const onCopy = (event: React.ClipboardEvent) => {
    if (copy(event) && entry !== undefined) toast({ tone: "info", title: t.edit.copied(entry.task.name) });
  };
  const onCut = (event: React.ClipboardEvent) => {
    if (copy(event) && entry !== undefined) editing?.run(deleteTask(entry.key));
  };
  const onPaste = (event: React.ClipboardEvent) => {
    if (editing === undefined || inField(event.target)) return;
    event.preventDefault();
    const tasks = parseTasks(event.clipboardData.getData("text/plain"));
    if (tasks === null) toast({ tone: "error", title: t.edit.pasteNothing, detail: t.edit.pasteNothingDetail });
    else editing.run(addTasks(placeAfter(index, entry?.key ?? null), tasks));
  };
  const onPaneClick = useCallback(() => {
    setChosenEdge(null);
    onSelect(null);
  }, [onSelect]);

  return {
    acts: editing === undefined ? null : acts,
    adding,
    renaming,
    chosenEdge,
    choose,
    closeAdding: () => setAdding(null),
    startAdding: () => addAt(placeAfter(index, entry?.key ?? null)),
    handlers: { onCopy, onCut, onPaste },
    onKeyDown,
    onPaneClick,
  };
}

function duplicate(on: Editing, { task, list, at }: TaskEntry): void {
  const definition = definitionOf(on.source, task);
  if (definition !== undefined) on.run(addTasks({ list: list.pointer, at: at + 1 }, [{ name: task.name, definition }]));
}

function nameProblem({ list, task }: TaskEntry, name: string): string | null {
  if (name === "") return t.edit.nameEmpty;
  return list.tasks.some((one) => one.ref !== task.ref && one.name === name) ? t.edit.nameTaken(name) : null;
}

const inField = (target: EventTarget): boolean => target instanceof HTMLElement && target.closest("input, textarea, select, [role=dialog]") !== null;

function below(near: Element | null | undefined, frame: Element | null): { x: number; y: number } {
  const box = near?.getBoundingClientRect();
  const origin = frame?.getBoundingClientRect();
  if (box === undefined || origin === undefined) return { x: 0, y: 0 };
  return near === frame ? { x: origin.width / 2 - 170, y: 48 } : { x: box.left - origin.left, y: box.bottom - origin.top + 6 };
}
