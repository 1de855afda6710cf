import { clsx } from "clsx";
import { Search } from "lucide-react";
import { NavLink } from "react-router";
import { t } from "../messages";
import { NAV, type NavItem } from "./nav";
import { ThemeMenu } from "./theme_menu";

const ITEM = "flex flex-1 flex-col items-center gap-0.5 py-1.5 text-[11px] font-medium [&>svg]:size-[18px]";

const BarIcon = ({ item }: { item: NavItem }) => (
  <span className="relative [&>svg]:size-[18px]">
    {item.icon}
    <span className="absolute -top-1.5 left-2.5">{item.count}</span>
  </span>
);

/** The rail of a phone. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  return (
    <nav
      aria-label={t.shell.pages}
      className="flex shrink-0 border-t bg-sunken px-2 pb-[max(4px,env(safe-area-inset-bottom))] sm:hidden"
    >
      {NAV.filter((item) => item.wide !== true).map((item) => (
        <NavLink
          key={item.to}
          to={item.to}
          end={item.to === "/"}
          className={({ isActive }) => clsx(ITEM, isActive ? "text-accent-ink" : "text-soft")}
        >
          {item.count === undefined ? item.icon : <BarIcon item={item} />}
          {item.label}
        </NavLink>
      ))}
      <button type="button" onClick={onSearch} className={clsx(ITEM, "text-soft")}>
        <Search size={18} />
        {t.palette.search}
      </button>
      <ThemeMenu collapsed={false} bar />
    </nav>
  );
}
