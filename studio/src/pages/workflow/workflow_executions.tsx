import { ListVideo, Play } from "lucide-react";
import { useMemo } from "react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { NotBegunLine } from "../executions/not_begun_line";
import { LiveExecutions } from "../live_executions";

export function WorkflowExecutions({ name, onRun }: { name: string; onRun: () => void }) {
  const filter = useMemo(() => ({ workflow: name }), [name]);
  return (
    <>
      <Waiting name={name} />
      <LiveExecutions
        filter={filter}
        empty={
          <EmptyState
            icon={<ListVideo size={18} />}
            title={t.executions.none}
            actions={
              <Button tone="primary" icon={<Play size={14} />} onClick={onRun}>
                {t.run.button}
              </Button>
            }
          >
            {t.executions.noneOfWorkflow}
          </EmptyState>
        }
      />
    </>
  );
}

const Waiting = ({ name }: { name: string }) => (
  <div className="pt-3 empty:hidden">
    <NotBegunLine workflow={name} />
  </div>
);
