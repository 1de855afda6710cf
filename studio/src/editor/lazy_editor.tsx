import { lazy, Suspense, type ComponentProps } from "react";
import { t } from "../messages";
import { SkeletonBlock } from "../ui/skeleton";

const CodeEditor = lazy(() => import("./code_editor"));
const DocumentEditor = lazy(() => import("./document_editor"));

const loading = <SkeletonBlock label={t.editor.loading} />;

export function LazyEditor(props: ComponentProps<typeof CodeEditor>) {
  return (
    <Suspense fallback={loading}>
      <CodeEditor {...props} />
    </Suspense>
  );
}

export function LazyDocumentEditor({ session, ...props }: Omit<ComponentProps<typeof DocumentEditor>, "session"> & { session: ComponentProps<typeof DocumentEditor>["session"] | null }) {
  if (session === null) return loading;
  return (
    <Suspense fallback={loading}>
      <DocumentEditor session={session} {...props} />
    </Suspense>
  );
}
