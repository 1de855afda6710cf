import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, LinkIcon, Unlink } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { useParams } from "react-router";
import { asProblem } from "../../api/problem";
import { answerLinkedTask, loadLinkedTask, sendLinkedFile, type LinkedTask } from "../../api/tasks";
import { AnswerForm } from "../../human/answer_form";
import { DueIn } from "../../human/due_in";
import { QuestionView } from "../../human/question_view";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Logo } from "../../shell/logo";
import { onShortcutKey } from "../../lib/shortcuts";
import { EmptyState } from "../../ui/empty_state";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { TooltipProvider } from "../../ui/tooltip";

const keyOf = (token: string) => ["linked-task", token];
const NOT_GOOD = [404, 410];

/** One question for one person, who has a signed link: no frame, no navigation, nothing else can be reached from here. */
export function SignedTaskPage() {
  const { token = "" } = useParams();
  const { data, error, refetch } = useQuery({ queryKey: keyOf(token), queryFn: ({ signal }) => loadLinkedTask(token, signal), refetchOnWindowFocus: false });
  useTitle(data?.title ?? t.inbox.page.title);
  useEffect(() => {
    addEventListener("keydown", onShortcutKey);
    return () => removeEventListener("keydown", onShortcutKey);
  }, []);
  return (
    <TooltipProvider>
      <div className="h-full overflow-y-auto bg-page">
        <main className="mx-auto flex min-h-full max-w-150 flex-col px-4 py-6 sm:py-12">
          <p className="mb-6 flex items-center gap-2 text-sm font-semibold text-soft">
            <Logo />
            {t.app.name}
          </p>
          {data !== undefined ? (
            data.status === "open" ? <Open token={token} task={data} /> : <Ended task={data} />
          ) : error === null ? (
            <SkeletonBlock label={t.common.loading} />
          ) : NOT_GOOD.includes(asProblem(error).status) ? (
            <EmptyState page icon={<Unlink size={18} />} title={asProblem(error).status === 410 ? t.inbox.page.over : t.inbox.page.bad}>
              {t.inbox.page.badDetail}
            </EmptyState>
          ) : (
            <ProblemPanel error={error} onRetry={() => void refetch()} />
          )}
        </main>
      </div>
    </TooltipProvider>
  );
}

function Open({ token, task }: { token: string; task: LinkedTask }) {
  const client = useQueryClient();
  return (
    <article className="flex flex-col gap-4">
      <header>
        <h1 className="text-xl font-semibold text-balance">{task.title}</h1>
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-sm text-soft">
          <LinkIcon size={13} />
          {t.inbox.page.for(task.assignee)}
          {task.deadline === null ? null : <DueIn iso={task.deadline} />}
        </p>
      </header>
      <QuestionView text={task.text} data={task.data} />
      <AnswerForm
        question={task}
        onFile={(file) => sendLinkedFile(token, file)}
        onAnswer={async (answer) => {
          try {
            client.setQueryData(keyOf(token), await answerLinkedTask(token, answer));
          } catch (error) {
            // Somebody was quicker, or it is too late: show what has become of it.
            if ([409, 410].includes(asProblem(error).status)) void client.invalidateQueries({ queryKey: keyOf(token) });
            throw error;
          }
        }}
      />
    </article>
  );
}

function Ended({ task }: { task: LinkedTask }) {
  const { outcome } = task;
  const mine = task.status === "answered" && outcome?.by === task.assignee;
  return (
    <EmptyState page icon={<CircleCheck size={18} />} title={mine ? t.inbox.page.done : t.inbox.page.ended}>
      <EndedWords task={task} mine={mine} />
    </EmptyState>
  );
}

function EndedWords({ task, mine }: { task: LinkedTask; mine: boolean }): ReactNode {
  const decision = task.outcome?.decision ?? "";
  if (mine) return t.inbox.page.doneDetail(decision);
  if (task.status === "answered") return t.inbox.ended.answered(decision, task.outcome?.by ?? t.common.none);
  if (task.status === "cancelled") return t.inbox.ended.cancelled;
  return decision === "" ? t.inbox.ended.expired : t.inbox.ended.expiredWith(decision);
}
