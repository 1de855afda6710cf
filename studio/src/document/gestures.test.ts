import { describe, expect, it } from "vitest";
import { addTasks, connect, disconnect, placeAfter, renameTask, setField, unsetField, type NewTask } from "./gestures";
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
      select: ["children/a2"],
    });
  });

  it("adds several one after the other, each under a name of its own", () => {
    const plan = addTasks({ list: "/do", at: 0 }, [{ name: "n", definition: 1 }, { name: "n", definition: 2 }])(outline);
    expect(plan?.operations).toEqual([
      { op: "add", list: "/do", at: 0, name: "n", task: 1 },
      { op: "add", list: "/do", at: 1, name: "n2", task: 2 },
    ]);
  });

  it("keeps tasks that come together leading to one another", () => {
    const tasks: NewTask[] = [
      { name: "a", definition: { set: {}, then: "b" } },
      { name: "b", definition: { switch: [{ big: { when: ".n", then: "a" } }, { other: { then: "loop" } }] } },
    ];
    expect(addTasks({ list: "/do", at: 5 }, tasks)(outline)?.operations).toMatchObject([
      { name: "a2", task: { then: "b2" } },
      { name: "b2", task: { switch: [{ big: { when: ".n", then: "a2" } }, { other: { then: "loop" } }] } },
    ]);
  });

  it("sets a list that was not there", () => {
    expect(addTasks({ list: "/do/3/t/catch/do", at: 0 }, [{ name: "h", definition: { set: {} } }])(outline)?.operations).toEqual([
      { op: "set", at: "/do/3/t/catch/do", value: [{ h: { set: {} } }] },
    ]);
  });
});

it("follows a renamed task", () => {
  expect(renameTask(key(X), "first")(outline)).toEqual({ operations: [{ op: "rename", task: X, name: "first" }], select: "children/loop/children/first" });
  expect(renameTask(key(X), "x")(outline)).toBeNull();
});

it("connects and disconnects", () => {
  expect(connect({ key: key("/do/0/a") }, "loop")(outline)?.operations).toEqual([{ op: "set", at: "/do/0/a/then", value: "loop" }]);
  expect(connect({ key: key("/do/1/b") }, "d")(outline)).toBeNull();
  expect(connect({ key: key("/do/1/b") }, "continue")(outline)?.operations).toEqual([{ op: "unset", at: "/do/1/b/then" }]);
  expect(connect({ key: key("/do/4/s"), case: 0 }, "loop")(outline)?.operations).toEqual([{ op: "set", at: "/do/4/s/switch/0/big/then", value: "loop" }]);
  expect(connect({ key: key("/do/4/s"), case: 1 }, "loop")(outline)).toBeNull();
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
