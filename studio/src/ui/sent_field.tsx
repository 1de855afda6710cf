import { useState } from "react";
import { Input } from "./field";

interface Props {
  label: string;
  hint: string;
  value: string;
  onSend: (value: string) => void;
  className?: string;
}

/** A condition that is asked for when it is sent, not while it is typed. Give it its value as the key, too: another value is another text. */
export function SentField({ label, hint, value, onSend, className = "min-w-32 flex-1 md:max-w-56" }: Props) {
  const [text, setText] = useState(value);
  const send = () => {
    if (text.trim() !== value) onSend(text.trim());
  };
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Input type="search" aria-label={label} placeholder={hint} value={text} onChange={(event) => setText(event.target.value)} onBlur={send} spellCheck={false} />
    </form>
  );
}
