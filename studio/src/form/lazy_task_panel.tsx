import { lazy, Suspense, type ComponentProps } from "react";
import { t } from "../messages";
import { SkeletonBlock } from "../ui/skeleton";

const TaskPanel = lazy(() => import("./task_panel"));

export function LazyTaskPanel(props: ComponentProps<typeof TaskPanel>) {
  return (
    <Suspense fallback={<SkeletonBlock label={t.form.loading} />}>
      <TaskPanel {...props} />
    </Suspense>
  );
}
