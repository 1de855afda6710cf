import { describe, expect, it } from "vitest";
import { textDiff } from "./text_diff";

const shown = (before: string, after: string) =>
  textDiff(before, after).map((line) => ({ same: " ", gone: "-", new: "+", skipped: "…" })[line.kind] + line.text);

describe("textDiff", () => {
  it("shows what went and came between lines that stayed", () => {
    expect(shown("a\nb\nc\nd", "a\nx\nc\nd\ne")).toEqual([" a", "-b", "+x", " c", " d", "+e"]);
  });

  it("numbers the lines of both texts", () => {
    expect(textDiff("a\nb", "b").map(({ before, after }) => [before, after])).toEqual([
      [1, null],
      [2, 1],
    ]);
  });

  it("leaves long stretches alike out, but three lines around a change", () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
    const changed = lines.map((line, n) => (n === 10 ? "other" : line));
    expect(shown(lines.join("\n"), changed.join("\n"))).toEqual(["…", " line 7", " line 8", " line 9", "-line 10", "+other", " line 11", " line 12", " line 13", "…"]);
  });

  it("says nothing of texts that are alike", () => {
    expect(shown("a\nb", "a\nb")).toEqual(["…"]);
  });

  it("stays within bounds for long texts that have nothing in common", () => {
    const many = (word: string) => Array.from({ length: 5000 }, (_, n) => `${word}${n}`).join("\n");
    expect(textDiff(many("a"), many("b"))).toHaveLength(10_000);
  });
});
