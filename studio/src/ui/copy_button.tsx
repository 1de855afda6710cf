import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard";
import { t } from "../messages";
import { IconButton } from "./icon_button";
import { toast } from "./toast_store";

const SHOWN_MS = 1500;

function useCopied(): [boolean, (text: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (text: string) =>
    void copyText(text).then((done) => {
      if (done) setCopied(true);
      else toast({ tone: "error", title: t.common.copyFailed });
    });
  return [copied, copy];
}

export function CopyButton({ text, label = t.common.copy, className }: { text: string; label?: string; className?: string }) {
  const [copied, copy] = useCopied();
  return (
    <IconButton
      label={copied ? t.common.copied : label}
      icon={copied ? <Check size={14} className="text-completed" /> : <Copy size={14} />}
      onClick={() => copy(text)}
      className={className}
    />
  );
}

/** An id in mono that copies itself when clicked. */
export function CopyableId({ id, short = false }: { id: string; short?: boolean }) {
  const [copied, copy] = useCopied();
  const shown = short && id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
  return (
    <button
      type="button"
      title={copied ? t.common.copied : `${t.common.copy}: ${id}`}
      onClick={() => copy(id)}
      className="group/id relative inline-flex max-w-full items-center rounded-sm font-mono text-xs text-soft hover:text-ink"
    >
      <span className="truncate">{shown}</span>
      {copied ? (
        <Check size={12} className="absolute left-full ml-1 text-completed" />
      ) : (
        <Copy size={12} className="absolute left-full ml-1 bg-page text-dim opacity-0 group-hover/id:opacity-100 group-focus-visible/id:opacity-100" />
      )}
    </button>
  );
}
