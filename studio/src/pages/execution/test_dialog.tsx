import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { recordTest } from "../../api/executions";
import type { Execution } from "../../api/types";
import { saveText } from "../../lib/save_text";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { CodeBlock } from "../../ui/code_block";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";
import { Spinner } from "../../ui/spinner";

/** The run as a case for `elevaite test`, to be copied or saved beside its workflow. */
export function TestDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const test = useQuery({
    queryKey: ["executions", "test", execution.id],
    queryFn: ({ signal }) => recordTest(execution.id, signal),
  });
  return (
    <Dialog
      open
      width="lg"
      onClose={onClose}
      title={t.test.title}
      description={t.test.detail}
      onSubmit={() => {
        if (test.data !== undefined) saveText(test.data.file, test.data.source);
      }}
      footer={
        <>
          <Button onClick={onClose}>{t.common.close}</Button>
          <Button tone="primary" type="submit" icon={<Download size={14} />} disabled={test.data === undefined}>
            {t.test.download}
          </Button>
        </>
      }
    >
      {test.isPending ? <Spinner /> : null}
      {test.isError ? <ProblemPanel error={test.error} /> : null}
      {test.data === undefined ? null : (
        <div className="max-h-[60dvh] overflow-y-auto">
          <CodeBlock code={test.data.source} label={test.data.file} />
        </div>
      )}
    </Dialog>
  );
}
