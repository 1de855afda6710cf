import { parseInline, parseMarkdown, type Block, type Inline } from "../lib/markdown";

/** The compiler's documentation. Made of elements, never of HTML in a text. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="flex flex-col gap-2">
      {parseMarkdown(text).map((block, index) => (
        <BlockPart key={index} block={block} />
      ))}
    </div>
  );
}

/** One sentence of it. */
export const MarkdownLine = ({ text }: { text: string }) => <Inlines inlines={parseInline(text)} />;

function BlockPart({ block }: { block: Block }) {
  if (block.kind === "code") {
    return (
      <pre tabIndex={0} className="overflow-x-auto rounded-md border bg-sunken px-2.5 py-2 text-xs leading-5 -outline-offset-2">
        <code>{block.text}</code>
      </pre>
    );
  }
  if (block.kind === "list") {
    return (
      <ul className="list-disc pl-5">
        {block.items.map((item, index) => (
          <li key={index}>
            <Inlines inlines={item} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <p className={block.kind === "heading" ? "font-semibold" : undefined}>
      <Inlines inlines={block.inlines} />
    </p>
  );
}

const Inlines = ({ inlines }: { inlines: Inline[] }) => inlines.map((inline, index) => <InlinePart key={index} inline={inline} />);

function InlinePart({ inline }: { inline: Inline }) {
  switch (inline.kind) {
    case "text":
      return <>{inline.text}</>;
    case "code":
      return <code className="rounded-sm bg-hover px-1 font-mono text-[11px]">{inline.text}</code>;
    case "strong":
      return <strong>{inline.text}</strong>;
    case "emphasis":
      return <em>{inline.text}</em>;
    case "link":
      return (
        <a href={inline.href} target="_blank" rel="noreferrer" className="text-accent-ink underline">
          {inline.text}
        </a>
      );
  }
}
