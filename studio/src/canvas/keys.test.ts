import { expect, it } from "vitest";
import { keyAct } from "./keys";

const press = (keys: string) => {
  const parts = keys.split("+");
  const has = (name: string) => parts.includes(name);
  return keyAct({ key: parts.at(-1) ?? "", ctrlKey: has("ctrl"), metaKey: has("meta"), altKey: has("alt"), shiftKey: has("shift") });
};

it.each([
  ["Delete", "delete"],
  ["a", "addAfter"],
  ["shift+A", "addBefore"],
  ["alt+ArrowUp", "up"],
  ["ctrl+z", "undo"],
  ["meta+z", "undo"],
  ["ctrl+shift+Z", "redo"],
  ["ctrl+y", "redo"],
  ["meta+d", "duplicate"],
  ["ctrl+a", "all"],
  ["t", "connect"],
  ["Escape", "fewer"],
])("takes %s for %s", (keys, act) => {
  expect(press(keys)).toBe(act);
});

it.each(["ctrl+alt+ArrowUp", "shift+Delete", "b", "ArrowUp", "ctrl+c"])("leaves %s to the browser", (keys) => {
  expect(press(keys)).toBeNull();
});
