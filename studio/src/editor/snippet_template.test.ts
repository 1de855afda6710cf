import { expect, it } from "vitest";
import { snippetTemplate } from "./snippet_template";

it.each([
  ["set:\n  ${1:field}: ${2:value}", "set:\n  ${1:field}: ${2:value}"],
  ["in: ${ .items }\n${1}", "in: $\\{ .items \\}\n${1}"],
  ["{ a: ${1:x} }", "\\{ a: ${1:x} \\}"],
  ["plain", "plain"],
])("turns %j into %j", (insert, template) => {
  expect(snippetTemplate(insert)).toBe(template);
});
