import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";
import { Meaning } from "../compare/meaning";
import type { Publish } from "./use_publish";

interface Props {
  publish: Publish;
  /** The text of the version that exists, and the one to publish; what the difference means is said before it is done. */
  published?: string;
  source: string;
}

/** Opens when publishing was refused, with the way out where there is one. */
export function PublishDialog({ publish, published, source }: Props) {
  const { problem } = publish;
  if (problem === null) return null;
  if (problem.code === "version_exists" && problem.suggestedVersion !== undefined) {
    const version = problem.suggestedVersion;
    return (
      <Dialog
        open
        onClose={publish.dismiss}
        title={t.publish.versionExists}
        description={t.publish.versionExistsDetail(version)}
        onSubmit={() => publish.startAs(version)}
        footer={
          <>
            <Button onClick={publish.dismiss}>{t.common.cancel}</Button>
            <Button tone="primary" type="submit" busy={publish.busy}>
              {t.publish.as(version)}
            </Button>
          </>
        }
      >
        {published === undefined ? null : <Meaning before={published} after={source} />}
      </Dialog>
    );
  }
  if (problem.code === "name_taken") return <NameTaken publish={publish} title={problem.title} />;
  return (
    <Dialog open onClose={publish.dismiss} title={t.publish.refused} footer={<Button onClick={publish.dismiss}>{t.publish.back}</Button>}>
      <ProblemPanel error={problem} />
      {problem.diagnostics.length === 0 ? null : (
        <ul className="mt-3 flex flex-col gap-1.5 text-sm">
          {problem.diagnostics.map((one, index) => (
            <li key={index} className="flex gap-3">
              <span className="tabular w-12 shrink-0 font-mono text-xs leading-5 text-dim">
                {one.line}:{one.column}
              </span>
              <span>{one.message}</span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function NameTaken({ publish, title }: { publish: Publish; title: string }) {
  return (
    <Dialog
      open
      width="md"
      onClose={publish.dismiss}
      title={title}
      description={t.publish.nameTakenDetail}
      onSubmit={publish.startUnderOtherName}
      footer={
        <>
          <Button onClick={publish.dismiss}>{t.publish.back}</Button>
          <Button onClick={publish.startAnyway}>{t.publish.addVersion}</Button>
          <Button tone="primary" type="submit">
            {t.publish.as(publish.otherName)}
          </Button>
        </>
      }
    />
  );
}
