import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, LinkIcon, ListVideo, Share2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem } from "../../api/problem";
import { taskQuery } from "../../api/queries";
import { answerTask, reassignTask, sendTaskFile, type Task } from "../../api/tasks";
import { AnswerForm } from "../../human/answer_form";
import { DueIn } from "../../human/due_in";
import { EndedView } from "../../human/ended_view";
import { QuestionView } from "../../human/question_view";
import { TaskHistory } from "../../human/task_history";
import { forWhom, TaskStatusBadge } from "../../human/task_words";
import { setPerson, usePerson } from "../../lib/use_person";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { Field, Input } from "../../ui/field";
import { ProblemPanel } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { RelativeTime } from "../../ui/time_text";
import { toast } from "../../ui/toast_store";
import { LinkDialog } from "./link_dialog";
import { ReassignDialog } from "./reassign_dialog";

const REFRESH_MS = 3000;

export function TaskDetail({ id, back }: { id: string; back: string | null }) {
  const { data: task, error, refetch } = useQuery({ ...taskQuery(id), refetchInterval: ({ state }) => (state.data?.status === "open" ? REFRESH_MS : false) });
  useTitle(task?.title ?? t.inbox.title, task === undefined ? undefined : t.inbox.title);
  return (
    <section aria-label={task?.title ?? t.inbox.title} className="min-w-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-180 flex-col gap-4 px-4 py-4 md:px-8 lg:py-2">
        {back === null ? null : (
          <Link to={back} className="inline-flex h-6 items-center gap-1 self-start rounded-sm text-sm text-soft hover:text-ink">
            <ArrowLeft size={14} />
            {t.inbox.back}
          </Link>
        )}
        {task !== undefined ? (
          <Content task={task} />
        ) : error === null ? (
          <SkeletonBlock label={t.common.loading} />
        ) : asProblem(error).status === 404 ? (
          <EmptyState page icon={<ListVideo size={18} />} title={t.inbox.gone} />
        ) : (
          <ProblemPanel error={error} onRetry={() => void refetch()} />
        )}
      </div>
    </section>
  );
}

function Content({ task }: { task: Task }) {
  return (
    <>
      <Head task={task} />
      <QuestionView text={task.text} data={task.data} />
      {task.status === "open" ? <Answering task={task} /> : <EndedView task={task} />}
      <TaskHistory history={task.history} />
    </>
  );
}

function Head({ task }: { task: Task }) {
  const [dialog, setDialog] = useState<"reassign" | "link" | null>(null);
  const close = () => setDialog(null);
  return (
    <header>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <h1 className="min-w-0 flex-1 basis-60 text-xl font-semibold text-balance break-words">{task.title}</h1>
        {task.status === "open" ? (
          <span className="flex gap-2">
            <Button size="sm" icon={<Share2 size={13} />} onClick={() => setDialog("reassign")}>
              {t.inbox.reassign.button}
            </Button>
            <Button size="sm" icon={<LinkIcon size={13} />} onClick={() => setDialog("link")}>
              {t.inbox.link.button}
            </Button>
          </span>
        ) : null}
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-soft">
        <TaskStatusBadge status={task.status} />
        <span>
          {forWhom(task)}, {t.inbox.asked} <RelativeTime iso={task.created_at} />
          {task.reminders === 0 ? null : `, ${t.inbox.reminded(task.reminders)}`}
        </span>
        {task.deadline === null || task.status !== "open" ? null : <DueIn iso={task.deadline} />}
        <Link to={`/executions/${task.execution}`} className="rounded-sm text-accent-ink hover:underline">
          {t.inbox.run} · {task.workflow}
        </Link>
      </p>
      {dialog === "reassign" ? <ReassignDialog task={task} onClose={close} /> : null}
      {dialog === "link" ? <LinkDialog task={task} onClose={close} /> : null}
    </header>
  );
}

/** The name is asked for here as well: an answer without one does not count. */
function Answering({ task }: { task: Task }) {
  const client = useQueryClient();
  const person = usePerson();
  const [typed, setTyped] = useState<string | null>(null);
  const name = (typed ?? (person === "" ? (task.assignee ?? "") : person)).trim();
  const other = task.assignee !== null && name !== "" && name !== task.assignee ? task.assignee : null;
  const refresh = () => client.invalidateQueries({ queryKey: ["tasks"] });
  const takeOver = async () => {
    setPerson(name);
    await reassignTask(task.id, { assignee: name, by: name }).catch((error: unknown) => toast({ tone: "error", title: asProblem(error).message }));
    await refresh();
  };
  return (
    <section aria-label={t.inbox.answer.title} className="border-t pt-4">
      <AnswerForm
        question={task}
        disabled={name === "" || other !== null}
        onFile={(file) => sendTaskFile(task.id, file)}
        onAnswer={async (answer) => {
          setPerson(name);
          try {
            await answerTask(task.id, name, answer);
            toast({ tone: "success", title: t.inbox.answer.sent(task.decisions.find((one) => one.id === answer.decision)?.title ?? answer.decision) });
          } finally {
            await refresh();
          }
        }}
      >
        <Field label={t.inbox.answer.name} hint={name === "" ? t.inbox.answer.nameMissing : t.inbox.answer.nameHint}>
          {(props) => <Input {...props} value={typed ?? name} maxLength={200} onChange={(event) => setTyped(event.target.value)} className="max-w-80" />}
        </Field>
        {other === null ? null : (
          <p role="status" className="flex flex-wrap items-center gap-2 text-sm">
            {t.inbox.answer.notYours(other, name)}
            <Button size="sm" onClick={() => void takeOver()}>
              {t.inbox.answer.takeOver}
            </Button>
          </p>
        )}
      </AnswerForm>
    </section>
  );
}
