/** Running again from a task of a past run. */
export const fork = {
  button: "Run again from here…",
  title: (task: string) => `Run again from ${task}`,
  what: "A new run begins where this one stood just before this task. What was done before is not done again; this run stays as it is.",
  input: "Input of the task",
  inputHint: "As it was. Change it to give the task something else.",
  branch: "A branch gets the input of its fork: it is given the same again. To change it, run again from the fork, or from a task inside the branch.",
  omitted: "Its input is too large to be changed here; it is given the same again.",
  start: "Run again",
  startEdited: "Run with this input",
  done: (task: string) => `A new run goes on from ${task}`,
  from: (task: string) => `run again from ${task}`,
  fromEdited: (task: string) => `run again from ${task}, with another input`,
};
