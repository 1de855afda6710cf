import { expect, it } from "vitest";
import type { Operation } from "../api/language";
import type { Outline } from "../api/types";
import { Edits } from "./edits";
import { Session } from "./session";

const outlineOf = (source: string): Outline => ({
  tasks: source.split("\n").filter(Boolean).map((name, at) => ({ ref: `/do/${at}/${name}`, name, kind: "set", detail: "", line: at + 1, column: 1 })),
});

/** A server whose documents are names, one a line; it takes its time. */
function serverOf(log: Operation[][] = []) {
  return {
    outline: async (source: string) => outlineOf(source),
    edit: async (source: string, operations: Operation[]) => {
      log.push(operations);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const [first] = operations;
      if (first?.op !== "add") throw new Error("refused");
      const changes = [{ from: { line: first.at + 1, column: 1 }, to: { line: first.at + 1, column: 1 }, insert: operations.map((one) => (one.op === "add" ? `${one.name}\n` : "")).join("") }];
      return { source, changes, valid: true, diagnostics: [], outline: null };
    },
  };
}
const add = (name: string) => (outline: Outline) => ({
  operations: [{ op: "add" as const, list: "/do", at: outline.tasks.length, name, task: {} }],
  select: name,
});

it("plans each gesture on what the one before left", async () => {
  const session = new Session("a\n", "yaml", "test");
  const edits = new Edits(session, serverOf());
  const [first, second] = await Promise.all([edits.run(add("b")), edits.run(add("c"))]);
  expect(session.source).toBe("a\nb\nc\n");
  expect([first, second]).toEqual([{ done: true, select: ["b"] }, { done: true, select: ["c"] }]);
});

it("asks for many operations in portions, and applies them as one step", async () => {
  const session = new Session("a\n", "yaml", "test");
  const log: Operation[][] = [];
  const names = Array.from({ length: 250 }, (_, n) => `n${n}`);
  await new Edits(session, serverOf(log)).run(() => ({ operations: names.map((name, n) => ({ op: "add", list: "/do", at: n + 1, name, task: {} })) }));
  expect(log.map((portion) => portion.length)).toEqual([100, 100, 50]);
  expect(session.source).toBe(`a\n${names.join("\n")}\n`);
  session.undo();
  expect(session.source).toBe("a\n");
});

it("keeps what was typed while the server worked", async () => {
  const session = new Session("a\n", "yaml", "test");
  const running = new Edits(session, serverOf()).run(add("b"));
  await new Promise((resolve) => setTimeout(resolve, 2));
  session.dispatch({ changes: { from: 0, insert: "zero\n" } });
  await running;
  expect(session.source).toBe("zero\na\nb\n");
});

it("goes on after an edit that was refused", async () => {
  const session = new Session("a\n", "yaml", "test");
  const edits = new Edits(session, serverOf());
  const refused = edits.run(() => ({ operations: [{ op: "delete", task: "/do/0/a" }] }));
  const done = edits.run(add("b"));
  await expect(refused).rejects.toThrow("refused");
  await done;
  expect(session.source).toBe("a\nb\n");
});

it("does nothing without a plan, and nothing to a text that cannot be read", async () => {
  const session = new Session("a\n", "yaml", "test");
  const log: Operation[][] = [];
  const edits = new Edits(session, { ...serverOf(log), outline: async () => null });
  expect(await edits.run(add("b"))).toEqual({ done: false, reason: "unreadable" });
  expect(await new Edits(session, serverOf(log)).run(() => null)).toEqual({ done: false, reason: "nothing" });
  expect(log).toEqual([]);
});
