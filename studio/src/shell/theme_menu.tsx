import { clsx } from "clsx";
import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme, useTheme, type ThemeChoice } from "../lib/theme";
import { t } from "../messages";
import { Menu, MenuChoice } from "../ui/menu";

const OPTIONS: { value: ThemeChoice; label: string; icon: React.ReactNode }[] = [
  { value: "system", label: t.theme.system, icon: <Monitor size={15} /> },
  { value: "light", label: t.theme.light, icon: <Sun size={15} /> },
  { value: "dark", label: t.theme.dark, icon: <Moon size={15} /> },
];

export function ThemeMenu({ collapsed, bar = false }: { collapsed: boolean; bar?: boolean }) {
  const { choice, dark } = useTheme();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t.theme.label}
          className={
            bar
              ? "flex flex-1 flex-col items-center gap-0.5 py-1.5 text-[11px] font-medium text-soft"
              : clsx(
                  "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium text-soft hover:bg-hover hover:text-ink data-[state=open]:bg-hover",
                  collapsed && "justify-center",
                )
          }
        >
          {dark ? <Moon size={bar ? 18 : 16} className="shrink-0" /> : <Sun size={bar ? 18 : 16} className="shrink-0" />}
          {bar || !collapsed ? t.theme.label : null}
        </button>
      }
    >
      <MenuChoice value={choice} onChange={chooseTheme} options={OPTIONS} />
    </Menu>
  );
}
