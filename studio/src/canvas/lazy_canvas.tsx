import { lazy, Suspense, type ComponentProps } from "react";
import { t } from "../messages";
import { SkeletonBlock } from "../ui/skeleton";

const Canvas = lazy(() => import("./canvas"));

export function LazyCanvas(props: ComponentProps<typeof Canvas>) {
  return (
    <Suspense fallback={<SkeletonBlock label={t.canvas.loading} />}>
      <Canvas {...props} />
    </Suspense>
  );
}
