import { parseMarkdown, type Block, type Inline } from "../lib/markdown";

const INLINE_TAGS = { code: "code", strong: "strong", emphasis: "em" } as const;

/** Documentation as elements, for the editor's own tooltips. Built node by node: no text is ever read as HTML. */
export function markdownElement(text: string): HTMLElement {
  const host = element("div", parseMarkdown(text).map(blockElement));
  host.className = "cm-markdown";
  return host;
}

function blockElement(block: Block): HTMLElement {
  if (block.kind === "code") return element("pre", [element("code", [block.text])]);
  if (block.kind === "list") return element("ul", block.items.map((item) => element("li", item.map(inlineNode))));
  return element(block.kind === "heading" ? "h4" : "p", block.inlines.map(inlineNode));
}

function inlineNode(inline: Inline): Node | string {
  if (inline.kind === "text") return inline.text;
  if (inline.kind !== "link") return element(INLINE_TAGS[inline.kind], [inline.text]);
  const link = document.createElement("a");
  link.href = inline.href;
  link.target = "_blank";
  link.rel = "noreferrer";
  link.append(inline.text);
  return link;
}

function element(tag: string, children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}
