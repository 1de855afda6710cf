import { clsx } from "clsx";
import { BookOpenText, PanelLeftClose, PanelLeftOpen, Search } from "lucide-react";
import { Link, useLocation } from "react-router";
import { t } from "../messages";
import { Kbd } from "../ui/kbd";
import { Tooltip } from "../ui/tooltip";
import { Logo } from "./logo";
import { NAV, type NavItem } from "./nav";
import { ThemeMenu } from "./theme_menu";

interface Props {
  collapsed: boolean;
  onToggle: () => void;
  onSearch: () => void;
}

const ROW = "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium transition-colors duration-120";

export function Rail({ collapsed, onToggle, onSearch }: Props) {
  return (
    <aside
      aria-label={t.app.name}
      className={clsx(
        "flex shrink-0 flex-col border-r bg-sunken px-2.5 py-3 transition-[width] duration-150 max-sm:hidden",
        collapsed ? "w-[53px]" : "w-54",
      )}
    >
      <div className={clsx("flex h-8 items-center gap-2.5", collapsed ? "justify-center" : "px-1.5")}>
        <Logo />
        {collapsed ? null : <span className="text-base font-semibold tracking-[-0.02em]">{t.app.name}</span>}
      </div>
      <Tooltip text={t.palette.open} keys="mod+k" side="right">
        <button
          type="button"
          onClick={onSearch}
          aria-label={collapsed ? t.palette.open : undefined}
          className={clsx(
            "mt-4 mb-3 flex h-8 items-center gap-2.5 rounded-md border border-line-strong bg-surface px-2 text-sm text-dim shadow-card hover:border-line-hover hover:text-ink",
            collapsed && "justify-center",
          )}
        >
          <Search size={15} className="shrink-0" />
          {collapsed ? null : (
            <>
              <span className="flex-1 text-left">{t.palette.search}</span>
              <Kbd keys="mod+k" />
            </>
          )}
        </button>
      </Tooltip>
      <nav aria-label={t.shell.pages} className="flex flex-1 flex-col gap-0.5">
        {NAV.map((item) => (
          <RailLink key={item.to} item={item} collapsed={collapsed} />
        ))}
      </nav>
      <div className="flex flex-col gap-0.5">
        <Tooltip text={t.nav.apiReference} side="right">
          <a href="/docs/api" aria-label={t.nav.apiReference} className={clsx(ROW, "text-soft hover:bg-hover hover:text-ink", collapsed && "justify-center")}>
            <BookOpenText size={16} className="shrink-0" />
            {collapsed ? null : t.nav.apiReference}
          </a>
        </Tooltip>
        <ThemeMenu collapsed={collapsed} />
        <Tooltip text={collapsed ? t.shell.expand : t.shell.collapse} keys="[" side="right">
          <button
            type="button"
            aria-label={collapsed ? t.shell.expand : t.shell.collapse}
            onClick={onToggle}
            className={clsx(ROW, "text-soft hover:bg-hover hover:text-ink", collapsed && "justify-center")}
          >
            {collapsed ? <PanelLeftOpen size={16} className="shrink-0" /> : <PanelLeftClose size={16} className="shrink-0" />}
            {collapsed ? null : t.shell.collapseShort}
          </button>
        </Tooltip>
      </div>
    </aside>
  );
}

function RailLink({ item, collapsed }: { item: NavItem; collapsed: boolean }) {
  const { pathname } = useLocation();
  const active = pathname === item.to || (item.to !== "/" && pathname.startsWith(`${item.to}/`));
  return (
    <Tooltip text={item.label} keys={item.keys} side="right">
      <Link
        to={item.to}
        aria-label={collapsed ? item.label : undefined}
        aria-current={active ? "page" : undefined}
        className={clsx(ROW, collapsed && "justify-center", active ? "bg-press text-ink" : "text-soft hover:bg-hover hover:text-ink")}
      >
        {item.icon}
        {collapsed ? null : item.label}
        {collapsed ? null : item.count}
      </Link>
    </Tooltip>
  );
}
