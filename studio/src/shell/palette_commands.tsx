import { useQuery } from "@tanstack/react-query";
import { BookOpenText, Keyboard, ListVideo, Monitor, Moon, Plus, Sun, Workflow } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { listWorkflows } from "../api/workflows";
import { workflowPath } from "../lib/qualified_name";
import { chooseTheme } from "../lib/theme";
import { useDebounced } from "../lib/use_debounced";
import { t } from "../messages";
import { matches, useRegisteredCommands, type Command } from "./commands";
import { NAV } from "./nav";

const FOUND_MAX = 6;

/** Everything the palette offers for what has been typed: the page's acts, the pages, found workflows, settings. */
export function usePaletteCommands(typed: string, showShortcuts: () => void): Command[] {
  const navigate = useNavigate();
  const registered = useRegisteredCommands();
  const found = useFoundWorkflows(useDebounced(typed.trim(), 120));
  return useMemo(() => {
    const go = (to: string) => () => void navigate(to);
    const fixed = [...registered, ...pages(go), ...settings(showShortcuts)];
    const text = typed.trim();
    const byId: Command[] = /^exe_\w+$/.test(text)
      ? [{ id: text, label: t.palette.openExecution(text), group: t.palette.groups.executions, icon: <ListVideo size={15} />, run: go(`/executions/${text}`) }]
      : [];
    const workflows = found.map((one) => ({
      id: `workflow-${one.namespace}.${one.name}`,
      label: one.title ?? one.name,
      words: one.name,
      group: t.palette.groups.workflows,
      icon: <Workflow size={15} />,
      run: go(workflowPath(`${one.namespace}.${one.name}`)),
    }));
    return [...byId, ...fixed.filter((command) => matches(command, text)), ...workflows];
  }, [registered, found, typed, navigate, showShortcuts]);
}

function useFoundWorkflows(search: string) {
  const { data } = useQuery({
    queryKey: ["workflows", "found", search],
    queryFn: ({ signal }) => listWorkflows(search, null, signal, FOUND_MAX),
    placeholderData: (previous) => previous,
  });
  return data?.items ?? NONE;
}

const NONE: never[] = [];

function pages(go: (to: string) => () => void): Command[] {
  return [
    ...NAV.map((item) => ({
      id: item.to,
      label: t.palette.goTo(item.label),
      group: t.palette.groups.pages,
      icon: item.icon,
      keys: item.keys,
      run: go(item.to),
    })),
    { id: "new", label: t.workflows.create, group: t.palette.groups.pages, icon: <Plus size={15} />, keys: "c", run: go("/workflows/new") },
  ];
}

function settings(showShortcuts: () => void): Command[] {
  const group = t.palette.groups.settings;
  return [
    { id: "light", label: t.theme.useLight, words: t.theme.label, group, icon: <Sun size={15} />, run: () => chooseTheme("light") },
    { id: "dark", label: t.theme.useDark, words: t.theme.label, group, icon: <Moon size={15} />, run: () => chooseTheme("dark") },
    { id: "system", label: t.theme.useSystem, words: t.theme.label, group, icon: <Monitor size={15} />, run: () => chooseTheme("system") },
    { id: "shortcuts", label: t.shortcuts.title, group, icon: <Keyboard size={15} />, keys: "?", run: showShortcuts },
    { id: "api", label: t.nav.apiReference, group, icon: <BookOpenText size={15} />, run: () => location.assign("/docs/api") },
  ];
}
