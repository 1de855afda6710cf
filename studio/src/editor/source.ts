/** Small, safe changes to the text of a workflow. Everything else in the text stays as the person wrote it. */

/** Sets document.version, in YAML or JSON. Null when the text has no such line. */
export function setDocumentVersion(source: string, version: string): string | null {
  return source.trimStart().startsWith("{") ? setInJson(source, version) : setInYaml(source, version);
}

function setInYaml(source: string, version: string): string | null {
  const lines = source.split("\n");
  const start = lines.findIndex((line) => /^document:\s*(#.*)?$/.test(line));
  if (start < 0) return null;
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (/^\S/.test(line) && !line.startsWith("#")) return null;
    const match = /^(\s+version:\s*)(?:'[^']*'|"[^"]*"|[^\s#]+)(.*)$/.exec(line);
    if (match === null) continue;
    lines[index] = `${match[1]}'${version}'${match[2]}`;
    return lines.join("\n");
  }
  return null;
}

function setInJson(source: string, version: string): string | null {
  const document = /"document"\s*:\s*\{[^{}]*?"version"\s*:\s*"/.exec(source);
  if (document === null) return null;
  const from = document.index + document[0].length;
  const to = source.indexOf('"', from);
  return source.slice(0, from) + version + source.slice(to);
}

/** Sets document.name, so that a template becomes a workflow of one's own. */
export function setDocumentName(source: string, name: string): string {
  const json = source.trimStart().startsWith("{");
  return json ? source.replace(/("name"\s*:\s*")[^"]*/, `$1${name}`) : source.replace(/^(\s+name:\s*).*$/m, `$1${name}`);
}

/** "orders" to "orders-2", "orders-2" to "orders-3". */
export function nextName(name: string): string {
  const match = /^(.*)-(\d+)$/.exec(name);
  return match === null ? `${name}-2` : `${match[1]}-${Number(match[2]) + 1}`;
}
