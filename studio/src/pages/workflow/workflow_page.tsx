import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { workflowQuery } from "../../api/queries";
import { asProblem } from "../../api/problem";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { PageProblem } from "../../ui/problem_panel";
import { SkeletonBlock } from "../../ui/skeleton";
import { NotFoundPage } from "../not_found_page";
import { WorkflowView } from "./workflow_view";

export function WorkflowPage() {
  const { name = "" } = useParams();
  const [params] = useSearchParams();
  const version = params.get("version");
  const query = useQuery(workflowQuery(name, version));
  useTitle(query.data?.title ?? name, t.nav.workflows);
  if (query.isPending) return <SkeletonBlock label={t.common.loading} />;
  if (query.data === undefined) {
    if (asProblem(query.error).status === 404) return <NotFoundPage what={{ kind: "workflow", name: version === null ? name : `${name} ${version}` }} />;
    return <PageProblem error={query.error} onRetry={() => void query.refetch()} />;
  }
  // A new text (another version, or one just published) is a new draft.
  return <WorkflowView key={`${name}@${query.data.version}`} name={name} workflow={query.data} old={version !== null} />;
}
