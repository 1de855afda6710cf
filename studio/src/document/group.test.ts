import { describe, expect, it } from "vitest";
import { chosenEntries, deleteTasks, duplicateTasks, moveTasks, moveTasksBy, type Copy } from "./group";
import { indexOf } from "./outline_index";
import { outlineOf } from "./test_outline";

const outline = outlineOf([
  { name: "a" },
  { name: "b", then: "d" },
  { name: "loop", kind: "for", children: [{ name: "x" }, { name: "y" }] },
  { name: "t", kind: "try", children: [{ name: "x" }], catch: [] },
  { name: "z" },
]);
const keys = (...refs: string[]) => refs.map((ref) => indexOf(outline).byRef.get(ref)?.key ?? "");
const [A, B, LOOP, Z] = ["/do/0/a", "/do/1/b", "/do/2/loop", "/do/4/z"];
const [X, Y] = ["/do/2/loop/do/0/x", "/do/2/loop/do/1/y"];

it("takes the tasks in the order of the document, without those inside others", () => {
  expect(chosenEntries(outline, keys(Z, X, LOOP, A)).map((entry) => entry.task.name)).toEqual(["a", "loop", "z"]);
});

describe("deleteTasks", () => {
  it("deletes from the end, so that every pointer holds when its turn comes", () => {
    expect(deleteTasks(keys(A, X, Z))(outline)).toEqual({
      operations: [Z, X, A].map((task) => ({ op: "delete", task })),
      select: "children/t",
    });
  });

  it("chooses the next task, or what held them", () => {
    expect(deleteTasks(keys(A))(outline)?.select).toBe("children/b");
    expect(deleteTasks(keys(Z))(outline)?.select).toBe("children/t");
    expect(deleteTasks(keys(X, Y))(outline)?.select).toBe("children/loop");
    expect(deleteTasks(["children/gone"])(outline)).toBeNull();
  });
});

describe("moveTasks", () => {
  it("counts positions as they are shown, the tasks still in their old place", () => {
    const move = (at: number) => moveTasks(keys(B), { list: "/do", at })(outline)?.operations;
    expect(move(0)).toEqual([{ op: "move", task: B, list: "/do", at: 0 }]);
    expect(move(3)).toEqual([{ op: "move", task: B, list: "/do", at: 2 }]);
    expect(move(1)).toBeUndefined();
    expect(move(2)).toBeUndefined();
  });

  it("moves several to one place, each by its pointer of that moment", () => {
    expect(moveTasks(keys(A, B), { list: "/do", at: 4 })(outline)?.operations).toEqual([
      { op: "move", task: "/do/0/a", list: "/do", at: 3 },
      { op: "move", task: "/do/0/b", list: "/do", at: 3 },
    ]);
  });

  it("moves into another list, whose own pointer moves too, and never into itself", () => {
    expect(moveTasks(keys(A, Z), { list: "/do/2/loop/do", at: 1 })(outline)).toEqual({
      operations: [
        { op: "move", task: "/do/0/a", list: "/do/2/loop/do", at: 1 },
        { op: "move", task: "/do/3/z", list: "/do/1/loop/do", at: 2 },
      ],
      select: ["children/loop/children/a", "children/loop/children/z"],
    });
    expect(moveTasks(keys(A, LOOP), { list: "/do/2/loop/do", at: 0 })(outline)).toBeNull();
  });
});

it("moves a block by one, and not past the ends", () => {
  expect(moveTasksBy(keys(X), 1)(outline)?.operations).toEqual([{ op: "move", task: X, list: "/do/2/loop/do", at: 1 }]);
  expect(moveTasksBy(keys(A, B), 1)(outline)?.operations).toEqual([
    { op: "move", task: "/do/0/a", list: "/do", at: 2 },
    { op: "move", task: "/do/0/b", list: "/do", at: 2 },
  ]);
  expect(moveTasksBy(keys(X), -1)(outline)).toBeNull();
  expect(moveTasksBy(keys(Z), 1)(outline)).toBeNull();
  expect(moveTasksBy(keys(A, X), 1)(outline)).toBeNull();
});

it("puts copies below the last of each list, and chooses them", () => {
  const copies = keys(A, B, X).map((key): Copy => ({ key, definition: key === keys(A)[0] ? { set: {}, then: "b" } : { set: {} } }));
  expect(duplicateTasks(copies)(outline)).toEqual({
    operations: [
      { op: "add", list: "/do/2/loop/do", at: 1, name: "x2", task: { set: {} } },
      { op: "add", list: "/do", at: 2, name: "a2", task: { set: {}, then: "b2" } },
      { op: "add", list: "/do", at: 3, name: "b2", task: { set: {} } },
    ],
    select: ["children/a2", "children/b2", "children/loop/children/x2"],
  });
});
