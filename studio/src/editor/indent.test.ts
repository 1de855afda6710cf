import { insertNewlineAndIndent } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { indentAfter, yamlIndent } from "./indent";

it.each([
  ["do:", 2],
  ["  - rest:", 6],
  ["  - rest: # soon", 6],
  ["      wait: PT5S", 6],
  ["  - name: x", 4],
  ["    - - a:", 10],
  ["  code: |", 4],
  ["      - one", 8],
])("goes on after %j at column %i", (line, column) => {
  expect(indentAfter(line)).toBe(column);
});

it("indents a new line in the editor", () => {
  let state = EditorState.create({ doc: "do:\n  - rest:", extensions: [yamlIndent], selection: { anchor: 13 } });
  insertNewlineAndIndent({ state, dispatch: (transaction) => (state = transaction.state) });
  expect(state.doc.toString()).toBe("do:\n  - rest:\n      ");
});
