import { useParams } from "react-router";
import { asProblem } from "../../api/problem";
import { neverBegan } from "../../live/fold";
import { useLiveExecution } from "../../live/use_live_execution";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { NotFoundPage } from "../not_found_page";
import { ExecutionView } from "./execution_view";
import { NotBegunView } from "./not_begun_view";

export function ExecutionPage() {
  const { id = "" } = useParams();
  const { query, liveness } = useLiveExecution(id);
  const execution = query.data;
  useTitle(execution === undefined ? id : `${t.status[execution.status]} · ${execution.workflow}`, t.nav.executions);
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (execution === undefined) {
    if (asProblem(query.error).status === 404) return <NotFoundPage what={{ kind: "execution", name: id }} />;
    return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (neverBegan(execution)) return <NotBegunView execution={execution} liveness={liveness} />;
  return <ExecutionView key={id} execution={execution} liveness={liveness} />;
}
