import { useQuery } from "@tanstack/react-query";
import { CircleCheck, OctagonX, TriangleAlert } from "lucide-react";
import { compareSources, type ChangeSeverity, type VersionChange } from "../../api/language";
import { asProblem } from "../../api/problem";
import { t } from "../../messages";
import { MarkdownLine } from "../../ui/markdown";
import { Spinner } from "../../ui/spinner";

/** What a text means for those who use the one before: callers and executions that are under way. */
export function Meaning({ before, after }: { before: string; after: string }) {
  const query = useQuery({
    queryKey: ["compare", before, after],
    queryFn: ({ signal }) => compareSources(before, after, signal),
    staleTime: Infinity,
    gcTime: 60_000,
  });
  return (
    <section aria-label={t.compare.meaning}>
      <h3 className="mb-2 text-sm font-semibold">{t.compare.meaning}</h3>
      {query.isPending ? (
        <p role="status" className="flex items-center gap-2 text-sm text-soft">
          <Spinner size={12} /> {t.compare.comparing}
        </p>
      ) : query.data === undefined ? (
        <p className="text-sm text-soft">{t.compare.unreadable(asProblem(query.error).title)}</p>
      ) : query.data.changes.length === 0 ? (
        <p className="flex items-center gap-2 text-sm text-soft">
          <CircleCheck size={15} className="text-completed" /> {t.compare.harmless}
        </p>
      ) : (
        <ul className="flex flex-col gap-2.5">
          {query.data.changes.map((change, index) => (
            <Change key={index} change={change} />
          ))}
        </ul>
      )}
    </section>
  );
}

const ICONS: Record<ChangeSeverity, React.ReactNode> = {
  breaking: <OctagonX size={15} className="mt-0.5 shrink-0 text-faulted" />,
  risky: <TriangleAlert size={15} className="mt-0.5 shrink-0 text-waiting" />,
  safe: <CircleCheck size={15} className="mt-0.5 shrink-0 text-completed" />,
};

function Change({ change }: { change: VersionChange }) {
  return (
    <li className="flex gap-2.5 text-sm">
      {ICONS[change.severity]}
      <span className="min-w-0 flex-1">
        <span className="font-medium">{change.title}</span> <span className="text-xs text-dim">{t.compare.severity[change.severity]}</span>
        <span className="block">
          <MarkdownLine text={change.message} />
        </span>
        <span className="block text-xs text-soft">
          <MarkdownLine text={change.advice} />
        </span>
      </span>
    </li>
  );
}
