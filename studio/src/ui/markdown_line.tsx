import { parseInline, type Inline } from "../lib/markdown";

const TAGS = { code: "code", strong: "strong", emphasis: "em" } as const;

/** One sentence of documentation, with its `code` and emphasis. */
export function MarkdownLine({ text }: { text: string }) {
  return parseInline(text).map((inline, index) => <Part key={index} inline={inline} />);
}

function Part({ inline }: { inline: Inline }) {
  if (inline.kind === "text" || inline.kind === "link") return <>{inline.text}</>;
  const Tag = TAGS[inline.kind];
  return <Tag className={inline.kind === "code" ? "rounded-sm bg-hover px-1 font-mono text-[11px]" : undefined}>{inline.text}</Tag>;
}
