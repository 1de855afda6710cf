import { lazy, Suspense, type ComponentProps } from "react";
import { t } from "../messages";
import { SkeletonBlock } from "../ui/skeleton";

const CodeEditor = lazy(() => import("./code_editor"));

export function LazyEditor(props: ComponentProps<typeof CodeEditor>) {
  return (
    <Suspense fallback={<SkeletonBlock label={t.editor.loading} />}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
