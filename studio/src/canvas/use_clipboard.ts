import { addTasks, type Place } from "../document/gestures";
import type { TaskEntry } from "../document/outline_index";
import { parseTasks, taskYaml } from "../document/task_text";
import { copyText } from "../lib/clipboard";
import { t } from "../messages";
import { toast } from "../ui/toast_store";
import type { Editing } from "./editing";
import { inField } from "./keys";

interface Options {
  editing: Editing | undefined;
  entries: TaskEntry[];
  /** Where what is pasted goes. */
  place: () => Place;
  onRemove: () => void;
}

/** Tasks on the clipboard are YAML, as they stand in a list: they can go to another window, a file or a message. */
export function useClipboard({ editing, entries, place, onRemove }: Options) {
  const names = entries.map((entry) => entry.task.name);
  const text = () => {
    const inOrder = [...entries].sort((a, b) => a.task.line - b.task.line || a.task.column - b.task.column);
    return editing === undefined ? "" : inOrder.map((entry) => taskYaml(editing.source, entry.task)).join("");
  };
  const copy = (event: React.ClipboardEvent): boolean => {
    if (editing === undefined || entries.length === 0 || inField(event.target)) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", text());
    return true;
  };
  const said = () => toast({ tone: "info", title: t.edit.copied(names) });
  const onPaste = (event: React.ClipboardEvent) => {
    if (editing === undefined || inField(event.target)) return;
    event.preventDefault();
    const tasks = parseTasks(event.clipboardData.getData("text/plain"));
    if (tasks === null) toast({ tone: "error", title: t.edit.pasteNothing, detail: t.edit.pasteNothingDetail });
    else editing.run(addTasks(place(), tasks));
  };
  return {
    copyNow: () => void copyText(text()).then((done) => (done ? said() : toast({ tone: "error", title: t.common.copyFailed }))),
    handlers: {
      onCopy: (event: React.ClipboardEvent) => copy(event) && said(),
      onCut: (event: React.ClipboardEvent) => copy(event) && onRemove(),
      onPaste,
    },
  };
}
