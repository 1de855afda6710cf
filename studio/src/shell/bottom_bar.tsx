import { clsx } from "clsx";
import { Ellipsis, Search } from "lucide-react";
import { NavLink, useLocation, useNavigate } from "react-router";
import { chooseTheme, useTheme } from "../lib/theme";
import { t } from "../messages";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu";
import { NAV, type NavItem } from "./nav";
import { THEMES } from "./theme_menu";

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
      <MoreMenu />
    </nav>
  );
}

/** The pages for which the bar has no room, and what else the rail holds. */
function MoreMenu() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const { choice } = useTheme();
  const pages = NAV.filter((item) => item.wide === true);
  const isHere = pages.some((item) => pathname === item.to || pathname.startsWith(`${item.to}/`));
  return (
    <Menu
      trigger={
        <button type="button" className={clsx(ITEM, isHere ? "text-accent-ink" : "text-soft")}>
          <Ellipsis size={18} />
          {t.shell.more}
        </button>
      }
    >
      {pages.map((item) => (
        <MenuItem key={item.to} icon={item.icon} onSelect={() => void navigate(item.to)}>
          {item.label}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuLabel>{t.theme.label}</MenuLabel>
      <MenuChoice value={choice} onChange={chooseTheme} options={THEMES} />
    </Menu>
  );
}
