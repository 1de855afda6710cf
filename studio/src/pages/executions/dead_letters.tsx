import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Skull, X } from "lucide-react";
import { Link, useNavigate } from "react-router";
import { deleteDeadLetter, redriveLetter, type DeadLetter } from "../../api/dead_letters";
import { deadLettersQuery } from "../../api/queries";
import { t } from "../../messages";
import { IconButton } from "../../ui/icon_button";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";

/** Tasks that the server died with each time. They are few and serious: shown above all runs until somebody has dealt with them. */
export function DeadLetters({ workflow }: { workflow: string }) {
  const { data } = useQuery(deadLettersQuery(workflow));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section aria-label={t.deadLetters.title} className="mx-4 mb-3 rounded-md border border-faulted-line bg-faulted-soft px-3 py-2 text-sm md:mx-6">
      <h2 className="flex items-center gap-2 font-medium">
        <Skull size={15} className="shrink-0 text-faulted" />
        {t.deadLetters.title}
      </h2>
      <p className="text-soft">{t.deadLetters.detail}</p>
      <ul>
        {data.items.map((letter) => (
          <Letter key={letter.id} letter={letter} />
        ))}
      </ul>
      {data.next_cursor === null ? null : <p className="text-xs text-soft">{t.deadLetters.more}</p>}
    </section>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: () => deleteDeadLetter(letter.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["dead-letters"] }),
  });
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () => redriveLetter(letter.id, ""),
    onSuccess: (execution) => {
      void client.invalidateQueries({ queryKey: ["dead-letters"] });
      void client.invalidateQueries({ queryKey: ["executions"] });
      void navigate(`/executions/${execution.id}`);
    },
    onError: (error) => toast({ tone: "error", title: error.message }),
  });
  return (
    <li className="flex items-center gap-2">
      <Link to={`/executions/${letter.execution}`} className="min-w-0 flex-1 truncate rounded-sm text-accent-ink hover:underline">
        {letter.workflow} <span className="font-mono text-xs">{letter.ref}</span>
      </Link>
      <span className="text-soft">
        {t.deadLetters.attempts(letter.connector, letter.attempts)}, <RelativeTime iso={letter.time} />
      </span>
      <IconButton label={t.deadLetters.again} icon={<RotateCcw size={14} />} disabled={again.isPending} onClick={() => again.mutate()} />
      <IconButton label={t.deadLetters.forget} icon={<X size={14} />} onClick={() => forget.mutate()} />
    </li>
  );
}
