import {
  Braces,
  CircleAlert,
  ClipboardList,
  GitFork,
  Globe,
  Hourglass,
  Layers,
  ListTree,
  Megaphone,
  Plug,
  Radio,
  Repeat,
  ShieldCheck,
  Sparkles,
  Split,
  SquareTerminal,
  Undo2,
  UserCheck,
  type LucideIcon,
} from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  set: Braces,
  do: ListTree,
  switch: Split,
  for: Repeat,
  fork: GitFork,
  try: ShieldCheck,
  raise: CircleAlert,
  wait: Hourglass,
  call: Plug,
  emit: Megaphone,
  listen: Radio,
  run: SquareTerminal,
  saga: Undo2,
  step: ListTree,
  // Icons that connectors name in their descriptors.
  globe: Globe,
  layers: Layers,
  sparkles: Sparkles,
  "user-check": UserCheck,
  "clipboard-list": ClipboardList,
};

/** The icon of a task: the connector's own where it has one we know, else that of its kind. */
export function KindIcon({ kind, icon, detail, size = 14 }: { kind: string; icon?: string; detail?: string | null; size?: number }) {
  const web = kind === "call" && /^[A-Z]+ \S/.test(detail ?? "") ? Globe : undefined;
  const Icon = ICONS[icon ?? ""] ?? web ?? ICONS[kind] ?? Plug;
  return <Icon size={size} aria-hidden="true" />;
}
