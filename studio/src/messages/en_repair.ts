import type { RepairAct } from "../api/executions";

export const repair = {
  button: "Repair",
  title: (name: string) => `Repair ${name}`,
  how: "How it goes on",
  acts: { retry: "Try again", skip: "Skip", complete: "Complete", fail: "Fail" } satisfies Record<RepairAct, string>,
  what: {
    retry: "Another attempt begins at once, with the same request. What is under way is called off.",
    skip: "The workflow goes on behind this task; its input counts as its output. What is under way is called off.",
    complete: "The workflow goes on as if the task had given this.",
    fail: "The task fails. A catch around it takes the error; without one the run fails.",
  } satisfies Record<RepairAct, string>,
  done: {
    retry: (name: string) => `${name} is tried again`,
    skip: (name: string) => `${name} is skipped`,
    complete: (name: string) => `${name} is completed`,
    fail: (name: string) => `${name} has failed`,
  } satisfies Record<RepairAct, (name: string) => string>,
  output: "Output",
  outputHint: "What the call would have given.",
  error: "Error",
  errorHint: "What has gone wrong, in a few words. Optional.",
  pause: "Pause",
  resume: "Resume",
  paused: "Paused",
  pausedMeans: "What is under way goes on to its end; nothing new begins.",
  heldAccount: "The whole account is paused",
  heldWorkflow: "Its workflow is paused",
  heldKey: (expression: string, key: string) => `Runs with ${expression} = ${key === "" ? "nothing" : key} are paused`,
  heldMeans: "What is under way goes on to its end; nothing new begins until that pause is lifted.",
  heldQueue: "Show the queue",
};
