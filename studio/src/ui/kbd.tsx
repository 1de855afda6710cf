import { clsx } from "clsx";

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

function keyName(key: string): string {
  if (key === "mod") return mac ? "⌘" : "Ctrl";
  if (key === "enter") return "↵";
  if (key === "shift") return mac ? "⇧" : "Shift";
  if (key === "alt") return mac ? "⌥" : "Alt";
  if (key === "delete") return "Del";
  if (key === "space") return "Space";
  if (key === "esc") return "Esc";
  if (key === "tab") return "Tab";
  return key.length === 1 ? key.toUpperCase() : key;
}

/** "mod+k" as chords, "g w" as a sequence. */
export function Kbd({ keys, quiet = false }: { keys: string; quiet?: boolean }) {
  return (
    <span className={clsx("inline-flex items-center gap-0.5", quiet ? "opacity-65 max-sm:hidden" : "text-dim")} aria-hidden="true">
      {keys.split(/[+ ]/).map((key, index) => (
        <kbd
          key={index}
          className={clsx(
            "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm px-1 font-sans text-[11px] leading-none font-medium",
            quiet ? "border border-current/25" : "border border-line-strong bg-sunken",
          )}
        >
          {keyName(key)}
        </kbd>
      ))}
    </span>
  );
}
