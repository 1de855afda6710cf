/** Names the workflow beyond doubt, also where two namespaces use the same name. */
export function qualifiedName({ namespace, workflow }: { namespace: string; workflow: string }): string {
  return `${namespace}.${workflow}`;
}
