import { fieldExtensions, type Language } from "./extensions";
import { useShadowEditor } from "./use_shadow_editor";

interface Props {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label: string;
}

/** A field with a little code. */
export default function CodeEditor({ value, onChange, language, label }: Props) {
  const host = useShadowEditor({ value, onChange, extensions: () => fieldExtensions(language, label) });
  return <div ref={host} className="h-full min-h-0 flex-1 overflow-hidden" data-editor={label} />;
}
