import { expect, it } from "vitest";
import { freeName, indexOf, within } from "./outline_index";
import { outlineOf } from "./test_outline";

const outline = outlineOf([
  { name: "a" },
  { name: "t", kind: "try", children: [{ name: "x" }], catch: [] },
  { name: "f", kind: "fork", branches: [{ name: "a" }, { name: "b" }] },
]);

it("knows each list by its pointer, written or not", () => {
  expect([...indexOf(outline).lists.keys()]).toEqual(["/do", "/do/1/t/try", "/do/1/t/catch/do", "/do/2/f/fork/branches"]);
});

it("gives a task a key that lasts while its neighbours move", () => {
  const moved = outlineOf([{ name: "f", kind: "fork", branches: [{ name: "b" }, { name: "a" }] }, { name: "a" }]);
  const key = indexOf(outline).byRef.get("/do/2/f/fork/branches/0/a")?.key ?? "";
  expect(indexOf(moved).byKey.get(key)?.task.ref).toBe("/do/0/f/fork/branches/1/a");
});

it("tells two tasks of one name apart", () => {
  const twice = indexOf(outlineOf([{ name: "a" }, { name: "a" }]));
  expect(twice.byKey.size).toBe(2);
});

it("finds a name that is free", () => {
  const list = indexOf(outlineOf([{ name: "wait" }, { name: "wait2" }])).lists.get("/do");
  expect(freeName(list, "call")).toBe("call");
  expect(freeName(list, "wait")).toBe("wait3");
  expect(freeName(list, "wait2")).toBe("wait3");
  expect(freeName(undefined, "wait")).toBe("wait");
});

it("does not take a longer name for an inner task", () => {
  expect(within("/do/0/ab", "/do/0/a")).toBe(false);
  expect(within("/do/0/a/do/1/b", "/do/0/a")).toBe(true);
});
