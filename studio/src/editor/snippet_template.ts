const FIELD = /\$\{(\d+)(?::([^{}]*))?\}/g;

/**
 * From the server's snippet to the editor's. Places to fill in look alike in both; but the editor would also take the
 * document's own `${ .x }` for one, so every other brace is escaped.
 */
export function snippetTemplate(insert: string): string {
  let template = "";
  let from = 0;
  for (const match of insert.matchAll(FIELD)) {
    template += escapeBraces(insert.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return template + escapeBraces(insert.slice(from));
}

const escapeBraces = (text: string) => text.replace(/[{}]/g, "\\$&");
