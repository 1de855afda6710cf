import { vocabularyOf, type VocabularyKey, type VocabularyValue } from "./vocabulary";

const key = (name: string, value: VocabularyValue, required = false): VocabularyKey => ({ name, description: "", required, value });
const object = (name: string, keys: VocabularyKey[], more: { base?: string; closed?: boolean } = {}) => ({ name, description: "", keys, closed: true, ...more });

/** A small table of the language, for tests. */
export const VOCABULARY = vocabularyOf({
  objects: [
    object("task", [
      key("if", { forms: ["expression"] }),
      key("then", { forms: ["flow"] }),
      key("timeout", { forms: ["object", "reference"], object: "timeout" }),
    ]),
    object("timeout", [key("after", { forms: ["duration", "computed"] }, true)]),
    object("task.call", [key("call", { forms: ["text"] }, true), key("with", { forms: ["object"], object: "with" })], { base: "task" }),
    object("with", [], { closed: false }),
    object("with.http", [
      key("method", { forms: ["text", "computed"] }, true),
      key("headers", { forms: ["map", "computed"], element: { forms: ["text", "computed"] } }),
      key("body", { forms: ["any"] }),
    ]),
    object("task.for", [key("for", { forms: ["object"], object: "for" }, true), key("do", { forms: ["named_list"], object: "task" }, true)], { base: "task" }),
    object("for", [key("in", { forms: ["expression", "list"] }, true)]),
    object("task.switch", [key("switch", { forms: ["named_list"], object: "case" }, true)], { base: "task" }),
    object("case", [key("when", { forms: ["expression"] }), key("then", { forms: ["flow"] }, true)]),
  ],
});
