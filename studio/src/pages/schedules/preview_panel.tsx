import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { previewSchedule, type ScheduleDraft } from "../../api/schedules";
import { useDebounced } from "../../lib/use_debounced";
import { t } from "../../messages";
import { ProblemPanel } from "../../ui/problem_panel";
import { DueList } from "./due_list";
import { whenText } from "./when_text";
import { viewersZone } from "./zone_field";

const SHOWN = 8;

/** What a draft would do, while it is being written. Null: it is not complete. */
export function PreviewPanel({ draft }: { draft: ScheduleDraft | null }) {
  const settled = useDebounced(draft === null ? null : JSON.stringify(draft), 250);
  const query = useQuery({
    queryKey: ["schedules", "preview", settled],
    queryFn: ({ signal }) => previewSchedule(JSON.parse(settled ?? "{}") as ScheduleDraft, SHOWN, signal),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const f = t.schedules.form;
  return (
    <section aria-label={f.preview}>
      <h2 className="text-sm font-semibold">{f.preview}</h2>
      <p className="mb-3 text-xs text-dim">{f.previewIn(viewersZone())}</p>
      {draft?.times === undefined ? null : <p className="mb-3 text-base font-medium text-balance">{whenText(draft.times)}</p>}
      {draft === null ? (
        <p className="text-sm text-soft">{f.previewWaiting}</p>
      ) : query.isError ? (
        <ProblemPanel error={query.error} />
      ) : query.data === undefined ? null : query.data.upcoming.length === 0 ? (
        <p className="text-sm text-soft">{f.previewNothing}</p>
      ) : (
        <DueList times={query.data.upcoming} label={f.preview} />
      )}
    </section>
  );
}
