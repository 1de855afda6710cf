import type { UseMutationResult } from "@tanstack/react-query";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemPanel } from "../../ui/problem_panel";

interface Props {
  title: string;
  detail: string;
  act: UseMutationResult<unknown, Error, void>;
  onClose: () => void;
}

export function ConfirmDialog({ title, detail, act, onClose }: Props) {
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={title}
      description={detail}
      onSubmit={() => act.mutate(undefined, { onSuccess: onClose })}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="danger" type="submit" busy={act.isPending}>
            {t.notifications.remove}
          </Button>
        </>
      }
    >
      {act.isError ? <ProblemPanel error={act.error} /> : null}
    </Dialog>
  );
}
