import { Text } from "@codemirror/state";
import { useEffect, useRef } from "react";
import type { Ask } from "../editor/complete";
import { valueExtensions } from "../editor/extensions";
import { useShadowEditor } from "../editor/use_shadow_editor";
import type { FormTask } from "./form_context";

interface Props {
  label: string;
  value: string;
  /** What the compiler is asked when the cursor is in the text. */
  probe: (text: string) => ReturnType<FormTask["probe"]>;
  /** Only what is inside of `${ }` is an expression. */
  partly: boolean;
  onChange: (text: string) => void;
  onLeave: () => void;
}

/** An expression, or a value that may hold one, with the compiler's help. */
export default function ValueEditor(props: Props) {
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const ask: Ask = (doc, at) => {
    const text = doc.toString();
    if (latest.current.partly && !text.slice(0, at).includes("${")) return null;
    const probe = latest.current.probe(text);
    return probe === null ? null : { doc: Text.of(probe.source.split("\n")), at: probe.toSource(at), back: probe.toField };
  };
  const { value, label, partly, onChange, onLeave } = props;
  const host = useShadowEditor({ value, onChange, onLeave, extensions: () => valueExtensions(ask, label, partly) });
  return <div ref={host} data-value-editor className="min-w-0 flex-1" />;
}
