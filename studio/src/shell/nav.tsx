import { Bell, CalendarClock, House, Inbox, ListOrdered, ListVideo, MailX, ScrollText, Server, Webhook, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../messages";
import { InboxCount } from "./inbox_count";

export interface NavItem {
  to: string;
  label: string;
  icon: ReactNode;
  keys: string;
  /** How much waits there. */
  count?: ReactNode;
  /** Not in the bar of a phone, which has room for a few. */
  wide?: boolean;
}

/** The pages that exist. The rail, the bottom bar and the palette are all made from this list. */
export const NAV: NavItem[] = [
  { to: "/", label: t.nav.home, icon: <House size={16} />, keys: "g h" },
  { to: "/workflows", label: t.nav.workflows, icon: <Workflow size={16} />, keys: "g w" },
  { to: "/schedules", label: t.nav.schedules, icon: <CalendarClock size={16} />, keys: "g s", wide: true },
  { to: "/executions", label: t.nav.executions, icon: <ListVideo size={16} />, keys: "g e" },
  { to: "/queue", label: t.flow.title, icon: <ListOrdered size={16} />, keys: "g q", wide: true },
  { to: "/inbox", label: t.nav.inbox, icon: <Inbox size={16} />, keys: "g i", count: <InboxCount /> },
  { to: "/webhooks", label: t.webhooks.title, icon: <Webhook size={16} />, keys: "g k", wide: true },
  { to: "/notifications", label: t.notifications.title, icon: <Bell size={16} />, keys: "g n", wide: true },
  { to: "/dead-letters", label: t.deadLetters.page, icon: <MailX size={16} />, keys: "g d", wide: true },
  { to: "/audit", label: t.audit.title, icon: <ScrollText size={16} />, keys: "g a", wide: true },
  { to: "/system", label: t.system.title, icon: <Server size={16} />, keys: "g y", wide: true },
];
