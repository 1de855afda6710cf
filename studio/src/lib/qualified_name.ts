/** Names the workflow beyond doubt, also where two namespaces use the same name. */
export function qualifiedName({ namespace, workflow }: { namespace: string; workflow: string }): string {
  return `${namespace}.${workflow}`;
}

/** The page of a workflow. Always by the full name: a short one that two namespaces use leads nowhere. */
export function workflowPath(qualified: string, tab?: string): string {
  return `/workflows/${encodeURIComponent(qualified)}${tab === undefined ? "" : `/${tab}`}`;
}

/** The name of a workflow as people say it: without the namespace that nobody chose. */
export const shortName = (qualified: string): string => qualified.replace(/^default\./, "");
