import { useState } from "react";
import { useNavigate } from "react-router";
import { startExecution } from "../../api/executions";
import type { Json } from "../../api/types";
import { JsonField, parseJson } from "../../editor/json_field";
import { randomKey } from "../../lib/random_key";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";
import { useShortcut } from "../../lib/shortcuts";

interface Props {
  /** As the server finds it: the name, or namespace and name. */
  workflow: string;
  /** As people call it. */
  title: string;
  version: string;
  input: Json;
  dirty?: boolean;
  again?: boolean;
  onClose: () => void;
}

/** Mounted when it opens, so each opening has its own idempotency key and a fresh copy of the input. */
export function RunDialog({ workflow, title, version, input, dirty = false, again = false, onClose }: Props) {
  const [text, setText] = useState(() => (input === null ? "" : JSON.stringify(input, null, 2)));
  const [key] = useState(randomKey);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const navigate = useNavigate();
  const parsed = parseJson(text);
  const start = async () => {
    if (!parsed.ok || busy) return;
    setBusy(true);
    setError(null);
    try {
      const execution = await startExecution(workflow, version, parsed.value, key);
      onClose();
      void navigate(`/executions/${execution.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  useShortcut("mod+enter", () => void start());
  return (
    <Dialog
      open
      onClose={onClose}
      title={again ? t.run.again(title) : t.run.title(title)}
      description={dirty ? t.run.dirty(version) : t.run.version(version)}
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" busy={busy} disabled={!parsed.ok} keys="mod+enter">
            {t.run.start}
          </Button>
        </>
      }
    >
      <JsonField label={t.run.input} hint={t.run.inputHint} value={text} onChange={setText} />
      {error === null ? null : (
        <div className="mt-3">
          <ProblemPanel error={error} onRetry={() => void start()} />
        </div>
      )}
    </Dialog>
  );
}
