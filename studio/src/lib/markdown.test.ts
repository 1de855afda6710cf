import { expect, it } from "vitest";
import { parseMarkdown } from "./markdown";

it("reads paragraphs, lists, headings and code", () => {
  expect(parseMarkdown("# wait\n\nPauses.\nA `duration`.\n\n- one\n- **two**\n\n```yaml\nwait: # not a heading\n```\nend")).toEqual([
    { kind: "heading", inlines: [{ kind: "text", text: "wait" }] },
    {
      kind: "paragraph",
      inlines: [
        { kind: "text", text: "Pauses. A " },
        { kind: "code", text: "duration" },
        { kind: "text", text: "." },
      ],
    },
    { kind: "list", items: [[{ kind: "text", text: "one" }], [{ kind: "strong", text: "two" }]] },
    { kind: "code", text: "wait: # not a heading" },
    { kind: "paragraph", inlines: [{ kind: "text", text: "end" }] },
  ]);
});

it("links to the web and to this server only", () => {
  const kinds = (text: string) => parseMarkdown(text).flatMap((block) => ("inlines" in block ? block.inlines : [])).map((one) => one.kind);
  expect(kinds("[a](https://example.com)")).toEqual(["link"]);
  expect(kinds("[a](/docs/errors/x)")).toEqual(["link"]);
  expect(kinds("[a](javascript:alert)")).toEqual(["text"]);
  expect(kinds("[a](//evil.example)")).toEqual(["text"]);
});

it("leaves HTML as the text it is, and ends a fence that was never closed", () => {
  expect(parseMarkdown("<img src=x onerror=alert(1)>")).toEqual([{ kind: "paragraph", inlines: [{ kind: "text", text: "<img src=x onerror=alert(1)>" }] }]);
  expect(parseMarkdown("```\nopen")).toEqual([{ kind: "code", text: "open" }]);
});
