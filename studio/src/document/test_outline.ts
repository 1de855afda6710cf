import type { OutlineTask } from "../api/types";

/** Builds outline tasks for tests: names only, pointers are worked out. */
export type Sketch = Partial<Omit<OutlineTask, "children" | "branches" | "catch">> & {
  name: string;
  children?: Sketch[];
  branches?: Sketch[];
  catch?: Sketch[];
};

export const outlineOf = (tasks: Sketch[]) => ({ tasks: build(tasks, "/do") });

function build(sketches: Sketch[], list: string): OutlineTask[] {
  return sketches.map(({ children, branches, catch: handlers, ...more }, at) => {
    const ref = `${list}/${at}/${more.name}`;
    const task: OutlineTask = { kind: "set", detail: "", line: 1, column: 1, ...more, ref };
    if (children !== undefined) task.children = build(children, `${ref}/${more.kind === "try" ? "try" : "do"}`);
    if (branches !== undefined) task.branches = build(branches, `${ref}/fork/branches`);
    if (handlers !== undefined) task.catch = build(handlers, `${ref}/catch/do`);
    return task;
  });
}
