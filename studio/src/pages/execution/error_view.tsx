import type { TaskExecution, WorkflowError } from "../../api/types";
import { t } from "../../messages";
import { CopyButton } from "../../ui/copy_button";

const tail = (type: string) => type.split("/").at(-1) ?? type;

/** The error in words, what its type means, and its fields as the workflow could catch them. */
export function ErrorView({ error, task }: { error: WorkflowError; task: TaskExecution | null }) {
  const meaning = t.errors[tail(error.type) as keyof typeof t.errors] as string | undefined;
  const rows: [string, string | null | undefined, boolean][] = [
    [t.detail.errorStatus, error.status?.toString(), false],
    [t.detail.errorType, error.type, true],
    [t.detail.errorInstance, error.instance, true],
    [t.detail.attempts, task === null ? null : String(task.attempts), false],
  ];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 md:px-6">
      <div className="relative rounded-md border border-faulted-line bg-faulted-soft py-3 pr-10 pl-3.5 text-sm">
        <p className="font-medium">{error.title ?? tail(error.type)}</p>
        {error.detail ? <p className="mt-0.5 break-words whitespace-pre-wrap text-soft">{error.detail}</p> : null}
        <CopyButton text={JSON.stringify(error, null, 2)} label={t.detail.copyError} className="absolute top-1.5 right-1.5" />
      </div>
      {meaning === undefined ? null : <p className="mt-3 text-sm text-pretty text-soft">{meaning}</p>}
      <dl className="mt-4 divide-y border-y text-sm">
        {rows.map(([name, value, mono]) =>
          value === null || value === undefined ? null : (
            <div key={name} className="flex gap-4 py-1.5">
              <dt className="w-24 shrink-0 text-dim">{name}</dt>
              <dd className={mono ? "min-w-0 font-mono text-xs leading-5 break-all" : "tabular min-w-0 break-words"}>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </div>
  );
}
