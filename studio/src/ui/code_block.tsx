import { CopyButton } from "./copy_button";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="flex items-start rounded-md border bg-sunken">
      <pre tabIndex={0} aria-label={label} className="min-w-0 flex-1 overflow-x-auto py-3 pl-3.5 text-xs leading-5 -outline-offset-2">
        <code>{code}</code>
      </pre>
      <CopyButton text={code} className="m-1.5" />
    </div>
  );
}
