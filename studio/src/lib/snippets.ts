import type { Json } from "../api/types";

/** How to start a workflow from outside, ready to paste. */
export interface Snippet {
  id: "curl" | "javascript" | "python";
  label: string;
  code: string;
}

export function startSnippets(origin: string, name: string, input: Json): Snippet[] {
  const url = `${origin}/v1/workflows/${encodeURIComponent(name)}/executions?wait=30s`;
  const body = JSON.stringify(input);
  return [
    { id: "curl", label: "curl", code: `curl -X POST ${shellText(url)} \\\n  -H 'content-type: application/json' \\\n  -d ${shellText(body)}` },
    {
      id: "javascript",
      label: "JavaScript",
      code: `const response = await fetch(${JSON.stringify(url)}, {\n  method: "POST",\n  headers: { "content-type": "application/json" },\n  body: JSON.stringify(${body}),\n});\nconst execution = await response.json();\nconsole.log(execution.status, execution.output);`,
    },
    {
      id: "python",
      label: "Python",
      code: `import json, urllib.request\n\nrequest = urllib.request.Request(\n    ${JSON.stringify(url)},\n    data=json.dumps(json.loads(${pythonText(body)})).encode(),\n    headers={"content-type": "application/json"},\n)\nexecution = json.load(urllib.request.urlopen(request))\nprint(execution["status"], execution["output"])`,
    },
  ];
}

/** Single quotes for a POSIX shell. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pythonText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
