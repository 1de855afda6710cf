import { describe, expect, it } from "vitest";
import { addTasks, connectTask, deleteTask, disconnect, moveBy, moveTask, placeAfter, renameTask, setField, unsetField } from "./gestures";
import { indexOf } from "./outline_index";
import { outlineOf } from "./test_outline";

const outline = outlineOf([
  { name: "a" },
  { name: "b", then: "d" },
  { name: "loop", kind: "for", children: [{ name: "x" }, { name: "y" }] },
  { name: "t", kind: "try", children: [{ name: "x" }], catch: [] },
  { name: "s", kind: "switch", cases: [{ name: "big", when: ".n > 1", then: "a" }] },
]);
const key = (ref: string) => indexOf(outline).byRef.get(ref)?.key ?? "";
const X = "/do/2/loop/do/0/x";

describe("addTasks", () => {
  it("adds under a name that is free, and chooses it", () => {
    expect(addTasks({ list: "/do", at: 1 }, [{ name: "a", definition: { set: {} } }])(outline)).toEqual({
      operations: [{ op: "add", list: "/do", at: 1, name: "a2", task: { set: {} } }],
      select: "children/a2",
    });
  });

  it("adds several one after the other, each under a name of its own", () => {
    const plan = addTasks({ list: "/do", at: 0 }, [{ name: "n", definition: 1 }, { name: "n", definition: 2 }])(outline);
    expect(plan?.operations).toEqual([
      { op: "add", list: "/do", at: 0, name: "n", task: 1 },
      { op: "add", list: "/do", at: 1, name: "n2", task: 2 },
    ]);
  });

  it("sets a list that was not there", () => {
    expect(addTasks({ list: "/do/3/t/catch/do", at: 0 }, [{ name: "h", definition: { set: {} } }])(outline)?.operations).toEqual([
      { op: "set", at: "/do/3/t/catch/do", value: [{ h: { set: {} } }] },
    ]);
  });
});

describe("moveTask", () => {
  it("counts positions as they are shown, the task still in its old place", () => {
    const move = (at: number) => moveTask(key("/do/1/b"), { list: "/do", at })(outline)?.operations;
    expect(move(0)).toEqual([{ op: "move", task: "/do/1/b", list: "/do", at: 0 }]);
    expect(move(3)).toEqual([{ op: "move", task: "/do/1/b", list: "/do", at: 2 }]);
    expect(move(1)).toBeUndefined();
    expect(move(2)).toBeUndefined();
  });

  it("moves into another list, and never into itself", () => {
    expect(moveTask(key("/do/0/a"), { list: "/do/2/loop/do", at: 1 })(outline)).toEqual({
      operations: [{ op: "move", task: "/do/0/a", list: "/do/2/loop/do", at: 1 }],
      select: "children/loop/children/a",
    });
    expect(moveTask(key("/do/2/loop"), { list: "/do/2/loop/do", at: 0 })(outline)).toBeNull();
  });
});

it("moves by one, and not past the ends", () => {
  expect(moveBy(key(X), 1)(outline)?.operations).toEqual([{ op: "move", task: X, list: "/do/2/loop/do", at: 1 }]);
  expect(moveBy(key(X), -1)(outline)).toBeNull();
});

it("chooses the next task after one was deleted, or what held it", () => {
  expect(deleteTask(key("/do/0/a"))(outline)).toEqual({ operations: [{ op: "delete", task: "/do/0/a" }], select: "children/b" });
  expect(deleteTask(key("/do/3/t/try/0/x"))(outline)?.select).toBe("children/t");
});

it("follows a renamed task", () => {
  expect(renameTask(key(X), "first")(outline)).toEqual({ operations: [{ op: "rename", task: X, name: "first" }], select: "children/loop/children/first" });
  expect(renameTask(key(X), "x")(outline)).toBeNull();
});

it("connects and disconnects", () => {
  expect(connectTask(key("/do/0/a"), "loop")(outline)?.operations).toEqual([{ op: "set", at: "/do/0/a/then", value: "loop" }]);
  expect(connectTask(key("/do/1/b"), "d")(outline)).toBeNull();
  expect(disconnect({ key: key("/do/1/b") })(outline)?.operations).toEqual([{ op: "unset", at: "/do/1/b/then" }]);
  expect(disconnect({ key: key("/do/4/s"), case: 0 })(outline)?.operations).toEqual([{ op: "set", at: "/do/4/s/switch/0/big/then", value: "continue" }]);
});

it("adds below what is chosen, else at the end", () => {
  const index = indexOf(outline);
  expect(placeAfter(index, key(X))).toEqual({ list: "/do/2/loop/do", at: 1 });
  expect(placeAfter(index, null)).toEqual({ list: "/do", at: 5 });
});

it("sets a field by the way that leads to it, whatever its key is", () => {
  expect(setField(key(X), ["set", "a/b"], 1)(outline)?.operations).toEqual([{ op: "set", at: `${X}/set/a~1b`, value: 1 }]);
  expect(unsetField(key(X), ["if"])(outline)?.operations).toEqual([{ op: "unset", at: `${X}/if` }]);
  expect(setField("children/gone", ["if"], 1)(outline)).toBeNull();
});
