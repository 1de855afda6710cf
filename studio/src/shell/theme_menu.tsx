import { clsx } from "clsx";
import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme, useTheme, type ThemeChoice } from "../lib/theme";
import { t } from "../messages";
import { Menu, MenuChoice } from "../ui/menu";

export const THEMES: { value: ThemeChoice; label: string; icon: React.ReactNode }[] = [
  { value: "system", label: t.theme.system, icon: <Monitor size={15} /> },
  { value: "light", label: t.theme.light, icon: <Sun size={15} /> },
  { value: "dark", label: t.theme.dark, icon: <Moon size={15} /> },
];

export function ThemeMenu({ collapsed }: { collapsed: boolean }) {
  const { choice, dark } = useTheme();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t.theme.label}
          className={clsx(
            "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium text-soft hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
            collapsed && "justify-center",
          )}
        >
          {dark ? <Moon size={16} className="shrink-0" /> : <Sun size={16} className="shrink-0" />}
          {collapsed ? null : t.theme.label}
        </button>
      }
    >
      <MenuChoice value={choice} onChange={chooseTheme} options={THEMES} />
    </Menu>
  );
}
