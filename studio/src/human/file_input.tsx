import { Paperclip, X } from "lucide-react";
import { useState } from "react";
import { asProblem } from "../api/problem";
import type { SentFile } from "../api/tasks";
import { t } from "../messages";
import { IconButton } from "../ui/icon_button";
import { Spinner } from "../ui/spinner";

const BYTES_MAX = 10 * 1024 * 1024;
const KIB = 1024;
const sizeOf = (bytes: number) => (bytes < KIB * KIB ? `${Math.max(1, Math.round(bytes / KIB))} KiB` : `${(bytes / KIB / KIB).toFixed(1)} MiB`);

interface Props {
  wiring: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined };
  many: boolean;
  accept: string;
  onChange: (ids: string[]) => void;
  onFile: (file: File) => Promise<SentFile>;
}

/** Sends a file as soon as it is chosen; the value is what the server calls it. */
export function FileInput({ wiring, many, accept, onChange, onFile }: Props) {
  const [sent, setSent] = useState<SentFile[]>([]);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const keep = (files: SentFile[]) => {
    setSent(files);
    onChange(files.map((file) => file.id));
  };
  const send = async (files: File[]) => {
    setTrouble("");
    if (files.some((file) => file.size > BYTES_MAX)) return setTrouble(t.inbox.field.tooLarge);
    setBusy(true);
    try {
      const next = many ? [...sent] : [];
      for (const file of files) next.push(await onFile(file));
      keep(next);
    } catch (error) {
      setTrouble(asProblem(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-1.5">
      {sent.map((file) => (
        <span key={file.id} className="flex items-center gap-2 rounded-md border bg-sunken py-0.5 pr-0.5 pl-2.5 text-sm">
          <Paperclip size={14} className="shrink-0 text-dim" />
          <span className="min-w-0 flex-1 truncate">{file.name}</span>
          <span className="tabular text-xs text-dim">{sizeOf(file.bytes)}</span>
          <IconButton label={t.inbox.field.removeFile(file.name)} icon={<X size={14} />} onClick={() => keep(sent.filter((one) => one !== file))} />
        </span>
      ))}
      {busy ? (
        <span role="status" className="flex items-center gap-2 text-sm text-soft">
          <Spinner /> {t.inbox.field.uploading}
        </span>
      ) : (
        <input
          {...wiring}
          type="file"
          multiple={many}
          accept={accept === "" ? undefined : accept}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            if (files.length > 0) void send(files);
          }}
          className="w-full text-sm text-soft file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:text-sm file:font-medium file:text-ink hover:file:bg-hover"
        />
      )}
      {trouble === "" ? null : (
        <p role="alert" className="text-xs text-faulted">
          {trouble}
        </p>
      )}
    </div>
  );
}
