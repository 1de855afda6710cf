/**
 * The little of Markdown that the compiler's documentation uses, as data: paragraphs, headings, lists, fenced code and,
 * inside a line, `code`, **strong**, *emphasis* and links. Anything else is text; nothing becomes HTML.
 */
export type Inline =
  | { kind: "text" | "code" | "strong" | "emphasis"; text: string }
  | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "paragraph" | "heading"; inlines: Inline[] }
  | { kind: "list"; items: Inline[][] }
  | { kind: "code"; text: string };

const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const ITEM = /^\s*(?:[-*]|\d+\.)\s+(.*)$/;
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function parseMarkdown(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (keep: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && keep(lines[at] as string)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const heading = HEADING.exec(line);
    if (line.trim() === "") at++;
    else if (FENCE.test(line)) {
      at++;
      blocks.push({ kind: "code", text: takeWhile((one) => !FENCE.test(one)).join("\n") });
      at++;
    } else if (heading !== null) {
      blocks.push({ kind: "heading", inlines: parseInline(heading[1] as string) });
      at++;
    } else if (ITEM.test(line)) {
      blocks.push({ kind: "list", items: takeWhile((one) => ITEM.test(one)).map((one) => parseInline(ITEM.exec(one)?.[1] ?? "")) });
    } else {
      const plain = takeWhile((one) => one.trim() !== "" && !FENCE.test(one) && !HEADING.test(one) && !ITEM.test(one));
      blocks.push({ kind: "paragraph", inlines: parseInline(plain.join(" ")) });
    }
  }
  return blocks;
}

export function parseInline(text: string): Inline[] {
  const inlines: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) inlines.push({ kind: "text", text: text.slice(from, match.index) });
    inlines.push(inlineOf(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) inlines.push({ kind: "text", text: text.slice(from) });
  return inlines;
}

function inlineOf([whole, code, strong, emphasis, label, href]: RegExpExecArray): Inline {
  if (code !== undefined) return { kind: "code", text: code };
  if (strong !== undefined) return { kind: "strong", text: strong };
  if (emphasis !== undefined) return { kind: "emphasis", text: emphasis };
  // Only addresses of the web and of this server: never `javascript:`.
  if (label !== undefined && href !== undefined && /^(https?:\/\/|\/(?!\/))/.test(href)) return { kind: "link", text: label, href };
  return { kind: "text", text: label ?? whole };
}
