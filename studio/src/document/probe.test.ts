import { describe, expect, it } from "vitest";
import { probeOf } from "./probe";

const source = `do:
  - first:
      if: \${ .a }
      set:
        quoted: "\${ .b }" # why
        block: |-
          \${ .c
            }
        empty:
        last: 1
  - { flow: { set: { b: 2 } } }
`;
const first = { ref: "/do/0/first", name: "first", kind: "set" as const, detail: "", line: 2, column: 5 };
const flow = { ref: "/do/1/flow", name: "flow", kind: "set" as const, detail: "", line: 11, column: 7 };
const lineOf = (path: string[], text: string, bare = true, task = first) => {
  const probe = probeOf(source, task, path, text, bare);
  return probe?.source.split("\n").find((line) => line.includes(text.replaceAll("'", "''"))) ?? null;
};

describe("probeOf", () => {
  it("puts the text where the field stands, however it is written there", () => {
    expect(lineOf(["if"], ".xy")).toBe("      if: '${ .xy }'");
    expect(lineOf(["set", "quoted"], ".xy")).toBe("        quoted: '${ .xy }' # why");
    expect(lineOf(["set", "block"], ".xy")).toBe("        block: '${ .xy }'");
    expect(lineOf(["set", "empty"], ".xy")).toBe("        empty: '${ .xy }'");
    expect(lineOf(["set", "last"], "a ${ .xy", false)).toBe("        last: 'a ${ .xy'");
    expect(lineOf(["set", "b"], ".xy", true, flow)).toBe("  - { flow: { set: { b: '${ .xy }' } } }");
  });

  it("leaves all else as it is", () => {
    const probe = probeOf(source, first, ["set", "block"], ".xy", true);
    expect(probe?.source.split("\n").slice(6)).toEqual(["        empty:", "        last: 1", "  - { flow: { set: { b: 2 } } }", ""]);
  });

  it("finds places back, also behind quotes and line breaks", () => {
    const text = ".a | select(. == 'x')\n| .b";
    const probe = probeOf(source, first, ["if"], text, true);
    for (const at of [0, 4, 17, 20, 21, 26]) {
      const there = probe?.toSource(at) ?? -1;
      expect(probe?.toField(there)).toBe(at);
    }
    expect(probe?.source.slice(0, probe.toSource(text.length)).endsWith("''x'') | .b")).toBe(true);
  });

  it("has nothing for a field that is not there", () => {
    expect(probeOf(source, first, ["then"], "x", false)).toBeNull();
    expect(probeOf(source, { ...first, line: 99 }, ["do", "x"], "x", false)).toBeNull();
  });
});
