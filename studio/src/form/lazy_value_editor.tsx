import { lazy, Suspense, type ComponentProps } from "react";

const ValueEditor = lazy(() => import("./value_editor"));

/** Until the editor is there the text stands where it will. */
export function LazyValueEditor(props: ComponentProps<typeof ValueEditor>) {
  return (
    <Suspense fallback={<span className="min-h-7.5 min-w-0 flex-1 truncate px-2 py-1.25 font-mono text-xs leading-5">{props.value}</span>}>
      {/* The label is part of the editor. */}
      <ValueEditor key={props.label} {...props} />
    </Suspense>
  );
}
