import { useState } from "react";
import type { Json } from "../api/types";
import { parseYaml, toYaml } from "../document/task_text";
import { LazyEditor } from "../editor/lazy_editor";
import { useTyped } from "./use_typed";

/** The part of a task that no field fits, as YAML. A text that cannot be read is said so and changes nothing. */
export function YamlInput({ label, value, onChange }: { label: string; value: Json; onChange: (value: Json) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const text = toYaml(value).trimEnd();
  const commit = (next: string) => {
    const read = parseYaml(next);
    setProblem(read.ok ? null : read.message);
    if (read.ok) onChange(read.value);
  };
  const { typed, type, leave } = useTyped(text, commit, (next) => {
    const read = parseYaml(next);
    return read.ok && JSON.stringify(read.value) === JSON.stringify(value);
  });
  const lines = Math.min(14, Math.max(3, typed.split("\n").length));
  return (
    <div onBlur={leave}>
      <div className="overflow-hidden rounded-md border border-line-strong focus-within:border-accent focus-within:outline-1 focus-within:outline-accent" style={{ height: lines * 20 + 22 }}>
        <LazyEditor label={label} language="yaml" value={typed} onChange={type} />
      </div>
      {problem === null ? null : (
        <p role="alert" className="mt-1 text-xs text-faulted">
          {problem}
        </p>
      )}
    </div>
  );
}
