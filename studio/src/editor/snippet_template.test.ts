import { expect, it } from "vitest";
import { snippetTemplate } from "./snippet_template";

it.each([
  ["set:\n  ${1:field}: $2", "set:\n  ${1:field}: ${2}"],
  ["'\\${ $0 }'", "'$\\{ ${0} \\}'"],
  ["method: ${1|get,post|}", "method: ${1:get}"],
  ["with: ${1:{a: 1\\}}", "with: \\{a: 1\\}"],
  ["plain \\\\ {x}", "plain \\ \\{x\\}"],
])("turns %j into %j", (snippet, template) => {
  expect(snippetTemplate(snippet, "")).toBe(template);
});

it("leaves to the editor the indentation it adds itself", () => {
  expect(snippetTemplate("wait:\n        seconds: ${1:5}", "      ")).toBe("wait:\n  seconds: ${1:5}");
});
