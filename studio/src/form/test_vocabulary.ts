import type { Vocabulary } from "./vocabulary";

/** A small table of the language, for tests. */
export const VOCABULARY: Vocabulary = {
  objects: {
    task: {
      title: "a task",
      description: "",
      keys: [
        { name: "if", description: "Runs only when true.", forms: ["expression"] },
        { name: "then", description: "Where to go.", forms: ["flow"] },
        { name: "timeout", description: "", forms: ["object", "reference"], object: "timeout" },
      ],
    },
    timeout: { title: "", description: "", keys: [{ name: "after", description: "", required: true, forms: ["duration", "computed"] }] },
    "task.call": {
      title: "a task",
      description: "",
      base: "task",
      keys: [
        { name: "call", description: "", required: true, forms: ["text"] },
        { name: "with", description: "", forms: ["object"], object: "with" },
      ],
    },
    with: { title: "", description: "", keys: [], openness: "open" },
    "with.http": {
      title: "",
      description: "",
      keys: [
        { name: "method", description: "", required: true, forms: ["text", "computed"] },
        { name: "headers", description: "", forms: ["map", "computed"], element: { forms: ["text", "computed"] } },
        { name: "body", description: "", forms: ["any"] },
      ],
    },
    "task.for": {
      title: "a task",
      description: "",
      base: "task",
      keys: [
        { name: "for", description: "", required: true, forms: ["object"], object: "for" },
        { name: "do", description: "", required: true, forms: ["named_list"], object: "task" },
      ],
    },
    for: { title: "", description: "", keys: [{ name: "in", description: "", required: true, forms: ["expression", "list"] }] },
    "task.switch": { title: "", description: "", base: "task", keys: [{ name: "switch", description: "", required: true, forms: ["named_list"], object: "case" }] },
    case: {
      title: "",
      description: "",
      keys: [
        { name: "when", description: "", forms: ["expression"] },
        { name: "then", description: "", required: true, forms: ["flow"] },
      ],
    },
  },
};
