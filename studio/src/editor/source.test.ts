import { describe, expect, it } from "vitest";
import { nextPatch, setDocumentName, setDocumentVersion, toName } from "./source";

const yaml = `# greets
document:
  dsl: '1.0.3'
  namespace: default
  name: hello # a comment
  version: 1.0.0 # keep me
do:
  - a:
      set:
        version: 9
`;

describe("setDocumentVersion", () => {
  it("changes only the version of the document", () => {
    expect(setDocumentVersion(yaml, "1.0.1")).toBe(yaml.replace("version: 1.0.0 #", "version: '1.0.1' #"));
    expect(setDocumentVersion(yaml.replace("1.0.0", '"1.0.0"'), "2.0.0")).toContain("version: '2.0.0' # keep me");
  });

  it("changes JSON too", () => {
    expect(setDocumentVersion('{"document": {"dsl": "1.0.3", "version": "1.0.0"}, "do": []}', "1.0.1")).toBe(
      '{"document": {"dsl": "1.0.3", "version": "1.0.1"}, "do": []}',
    );
  });

  it("leaves alone what has no version", () => {
    expect(setDocumentVersion("do: []", "1.0.1")).toBeNull();
    expect(setDocumentVersion("document:\n  name: x\ndo:\n  - a:\n      version: 1", "1.0.1")).toBeNull();
  });
});

it("renames the document", () => {
  expect(setDocumentName(yaml, "mine")).toContain("\n  name: mine\n");
});

it.each([["Order Intake!", "order-intake"], ["--a__b--", "a-b"], ["É", ""]])("makes a name of %s", (text, name) => {
  expect(toName(text)).toBe(name);
});

it("counts versions up", () => {
  expect(nextPatch("1.2.9")).toBe("1.2.10");
});
