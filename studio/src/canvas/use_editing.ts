import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { addTasks, connect, disconnect, placeAfter, renameTask, type Place, type Way } from "../document/gestures";
import { deleteTasks, duplicateTasks, moveTasksBy, type Copy } from "../document/group";
import type { OutlineIndex, TaskEntry } from "../document/outline_index";
import { definitionOf } from "../document/task_text";
import { t } from "../messages";
import { toast } from "../ui/toast_store";
import type { CanvasActs, Editing } from "./editing";
import type { GraphEdge } from "./graph";
import { inField, keyAct, type KeyAct } from "./keys";
import type { PaletteItem } from "./palette_items";
import { useClipboard } from "./use_clipboard";

/** The list that is open over the canvas, and where, in the frame. */
export type Picking = { at: { x: number; y: number } } & ({ what: "task"; place: Place } | { what: "way"; entry: TaskEntry });

interface Options {
  editing: Editing | undefined;
  index: OutlineIndex;
  /** Pointers; the first is the one that keys are about. */
  chosen: readonly string[];
  onChoose: (refs: readonly string[]) => void;
  frame: React.RefObject<HTMLDivElement | null>;
  edges: GraphEdge[];
}

/** What an editable canvas is in the middle of, and what keys, clipboard and its parts can do. */
export function useEditing({ editing, index, chosen, onChoose, frame, edges }: Options) {
  const [picking, setPicking] = useState<Picking | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [chosenEdge, setChosenEdge] = useState<string | null>(null);
  const entries = chosen.map((ref) => index.byRef.get(ref)).filter((entry) => entry !== undefined);
  const [entry] = entries;
  const keys = entries.map((one) => one.key);
  const latest = useRef({ editing, index, renaming });
  useEffect(() => {
    latest.current = { editing, index, renaming };
  });

  const acts = useMemo<CanvasActs>(
    () => ({
      add: (place, near) => setPicking({ what: "task", place, at: below(near, frame.current) }),
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

  const near = () => below((entry === undefined ? null : frame.current?.querySelector(`[data-task="${CSS.escape(entry.task.ref)}"]`)) ?? frame.current, frame.current);
  const addAt = (place: Place) => setPicking({ what: "task", place, at: near() });
  const duplicate = () => {
    const copies = entries.flatMap(({ key, task }): Copy[] => {
      const definition = editing === undefined ? undefined : definitionOf(editing.source, task);
      return definition === undefined ? [] : [{ key, definition }];
    });
    editing?.run(duplicateTasks(copies));
  };
  const remove = () => editing?.run(deleteTasks(keys));
  const clipboard = useClipboard({ editing, entries, place: () => placeAfter(index, entry?.key ?? null), onRemove: remove });

  const perform = (act: KeyAct, on: Editing): boolean => {
    const edge = edges.find((one) => one.id === chosenEdge);
    if (act === "undo") on.undo();
    else if (act === "redo") on.redo();
    else if (act === "delete" && edge?.then !== undefined) acts.disconnect(edge.then);
    else if (act === "addAfter") addAt(placeAfter(index, entry?.key ?? null));
    else if (act === "all") onChoose(allBeside(index, entry));
    else if (entry === undefined) return false;
    else if (act === "delete") remove();
    else if (act === "rename") setRenaming(entry.task.ref);
    else if (act === "duplicate") duplicate();
    else if (act === "up") on.run(moveTasksBy(keys, -1));
    else if (act === "down") on.run(moveTasksBy(keys, 1));
    else if (act === "addBefore") addAt({ list: entry.list.pointer, at: entry.at });
    else if (act === "connect") setPicking({ what: "way", entry, at: near() });
    else if (act === "fewer") onChoose(entries.length > 1 ? [entry.task.ref] : []);
    else if (act === "open") on.onOpen();
    return true;
  };
  const onKeyDown = (event: React.KeyboardEvent): boolean => {
    const act = editing === undefined || inField(event.target) || pressesButton(event) ? null : keyAct(event);
    if (act === null || editing === undefined || !perform(act, editing)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const onPaneClick = useCallback(() => {
    setChosenEdge(null);
    onChoose([]);
  }, [onChoose]);
  const closePicking = () => setPicking(null);
  /** The list closes, and the focus goes to the canvas, where what was chosen takes it. */
  const picked = (done: () => void) => {
    frame.current?.focus({ preventScroll: true });
    done();
    setPicking(null);
  };

  return {
    acts: editing === undefined ? null : acts,
    picking,
    renaming,
    chosenEdge,
    pick: {
      task: (item: PaletteItem) => picked(() => picking?.what === "task" && editing?.run(addTasks(picking.place, [item.task]))),
      way: (way: Way, target: string) => picked(() => editing?.run(connect(way, target))),
      close: closePicking,
      /** What is dragged out of the list goes where it is dropped. */
      dragged: () => picked(() => {}),
    },
    startAdding: () => addAt(placeAfter(index, entry?.key ?? null)),
    group: { duplicate, remove, copy: clipboard.copyNow },
    handlers: clipboard.handlers,
    onKeyDown,
    onPaneClick,
  };
}

/** All tasks of the list that the task is in; without one, those of the workflow. */
function allBeside(index: OutlineIndex, entry: TaskEntry | undefined): string[] {
  const tasks = (entry?.list ?? index.lists.get("/do"))?.tasks.map((task) => task.ref) ?? [];
  return entry === undefined ? tasks : [entry.task.ref, ...tasks.filter((ref) => ref !== entry.task.ref)];
}

function nameProblem({ list, task }: TaskEntry, name: string): string | null {
  if (name === "") return t.edit.nameEmpty;
  return list.tasks.some((one) => one.ref !== task.ref && one.name === name) ? t.edit.nameTaken(name) : null;
}

/** Enter on a button of the canvas is meant for that button. */
const pressesButton = ({ key, target }: React.KeyboardEvent): boolean => key === "Enter" && target instanceof HTMLElement && target.closest("button") !== null;


function below(near: Element | null | undefined, frame: Element | null): { x: number; y: number } {
  const box = near?.getBoundingClientRect();
  const origin = frame?.getBoundingClientRect();
  if (box === undefined || origin === undefined) return { x: 0, y: 0 };
  return near === frame ? { x: origin.width / 2 - 170, y: 48 } : { x: box.left - origin.left, y: box.bottom - origin.top + 6 };
}
