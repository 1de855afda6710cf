import { expect, it } from "vitest";
import { Session } from "./session";

const session = () => new Session("a: 1\nb: 2\n", "yaml", "test");

it("keeps one history for what is typed and what is edited from outside", () => {
  const one = session();
  one.dispatch({ changes: { from: 3, to: 4, insert: "9" }, userEvent: "input.type" });
  const fork = one.fork();
  fork.apply([{ from: 8, to: 9, insert: "7" }]);
  fork.release();
  expect(one.source).toBe("a: 9\nb: 7\n");
  one.undo();
  expect(one.source).toBe("a: 9\nb: 2\n");
  one.undo();
  expect(one.source).toBe("a: 1\nb: 2\n");
  expect(one.canUndo).toBe(false);
  one.redo();
  one.redo();
  expect(one.source).toBe("a: 9\nb: 7\n");
});

it("moves an edit past what was typed while it was worked out", () => {
  const one = session();
  const fork = one.fork();
  one.dispatch({ changes: { from: 0, insert: "# new\n" } });
  fork.apply([{ from: 8, to: 9, insert: "22" }]);
  expect(one.source).toBe("# new\na: 1\nb: 22\n");
});

it("applies several changes as one step", () => {
  const one = session();
  one.fork().apply([{ from: 3, to: 4, insert: "x" }, { from: 8, to: 9, insert: "y" }]);
  expect(one.source).toBe("a: x\nb: y\n");
  one.undo();
  expect(one.source).toBe("a: 1\nb: 2\n");
});

it("tells a person's cursor from a place that is shown", () => {
  const one = session();
  let told = 0;
  one.onCursor(() => told++);
  one.reveal(5, false);
  expect(told).toBe(0);
  one.dispatch({ selection: { anchor: 2 } });
  expect(told).toBe(1);
});
