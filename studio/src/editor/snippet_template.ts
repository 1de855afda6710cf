/**
 * From the server's snippets (those of the Language Server Protocol: $1, ${1:text}, ${1|a,b|}, $0, and a backslash before
 * what is meant literally) to the editor's templates. The document's own `${ .x }` is no place to fill in, so the braces
 * of literal text are escaped.
 *
 * `indent` is that of the line it is put into: the server's further lines bring their whole indentation, and the editor
 * would add it once more.
 */
export function snippetTemplate(snippet: string, indent: string): string {
  let template = "";
  let at = 0;
  while (at < snippet.length) {
    const place = PLACE.exec(snippet.slice(at));
    if (place !== null) {
      template += field(place);
      at += place[0].length;
    } else {
      const escaped = snippet[at] === "\\" && /[$}\\]/.test(snippet[at + 1] ?? "");
      if (escaped) at++;
      template += literal(snippet[at] as string);
      at++;
    }
  }
  return template.replaceAll(`\n${indent}`, "\n");
}

const PLACE = /^\$(?:(\d+)|\{(\d+)(?::((?:\\.|[^}\\])*)|\|((?:\\.|[^|\\])*)\|)?\})/;

function field([, bare, number, text, choices]: RegExpExecArray): string {
  const shown = (text ?? choices?.split(",")[0] ?? "").replace(/\\(.)/g, "$1");
  // The editor has no braces inside a place to fill in: such a text is put in as it is.
  if (/[{}]/.test(shown)) return literal(shown);
  return shown === "" ? `\${${bare ?? number}}` : `\${${bare ?? number}:${shown}}`;
}

const literal = (text: string): string => text.replace(/[{}]/g, "\\$&");
