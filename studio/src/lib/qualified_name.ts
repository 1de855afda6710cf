/** Names the workflow beyond doubt, also where two namespaces use the same name. */
export function qualifiedName({ namespace, workflow }: { namespace: string; workflow: string }): string {
  return `${namespace}.${workflow}`;
}

/** The name of a workflow as people say it: without the namespace that nobody chose. */
export const shortName = (qualified: string): string => qualified.replace(/^default\./, "");
