import { describe, expect, it } from "vitest";
import { nextName, setDocumentName, setDocumentVersion } from "./source";

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
  expect(setDocumentName('{"document": {"name": "x"}}', "mine")).toBe('{"document": {"name": "mine"}}');
});

it("counts names up", () => {
  expect(nextName("orders")).toBe("orders-2");
  expect(nextName("orders-9")).toBe("orders-10");
});
