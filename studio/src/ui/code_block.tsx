import { CopyButton } from "./copy_button";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-md border bg-sunken">
      <CopyButton text={code} className="absolute top-1.5 right-1.5 bg-sunken" />
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto py-3 pr-12 pl-3.5 text-xs leading-5 -outline-offset-2">
        <code>{code}</code>
      </pre>
    </div>
  );
}
