import { Suspense, useCallback, useEffect, useState } from "react";
import { Outlet, useNavigate } from "react-router";
import { useStored } from "../lib/stored";
import { t } from "../messages";
import { SkeletonBlock } from "../ui/skeleton";
import { Toaster } from "../ui/toaster";
import { TooltipProvider } from "../ui/tooltip";
import { BottomBar } from "./bottom_bar";
import { EventCommand } from "./event_command";
import { NAV } from "./nav";
import { OfflineBanner } from "./offline_banner";
import { Palette } from "./palette";
import { Rail } from "./rail";
import { bindShortcut, onShortcutKey, useShortcut } from "../lib/shortcuts";
import { ShortcutsDialog } from "./shortcuts_dialog";

export function Shell() {
  const [rail, setRail] = useStored<"open" | "collapsed">("rail", "open");
  const [palette, setPalette] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);
  const toggleRail = () => setRail(rail === "open" ? "collapsed" : "open");
  const openPalette = useCallback(() => setPalette(true), []);
  const showShortcuts = useCallback(() => setShortcuts(true), []);
  useShellShortcuts({ openPalette, showShortcuts, toggleRail });
  return (
    <TooltipProvider>
      <a href="#main" className="sr-only z-70 rounded-md bg-button px-3 py-2 text-on-button focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        {t.shell.skip}
      </a>
      <div className="flex h-full max-sm:flex-col">
        <Rail collapsed={rail === "collapsed"} onToggle={toggleRail} onSearch={openPalette} />
        <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col bg-page outline-none">
          <OfflineBanner />
          <Suspense fallback={<SkeletonBlock label={t.common.loading} />}>
            <Outlet />
          </Suspense>
        </main>
        <BottomBar onSearch={openPalette} />
      </div>
      <Palette open={palette} onClose={() => setPalette(false)} onShowShortcuts={showShortcuts} />
      <ShortcutsDialog open={shortcuts} onClose={() => setShortcuts(false)} />
      <EventCommand />
      <Toaster />
    </TooltipProvider>
  );
}

interface Acts {
  openPalette: () => void;
  showShortcuts: () => void;
  toggleRail: () => void;
}

function useShellShortcuts({ openPalette, showShortcuts, toggleRail }: Acts): void {
  const navigate = useNavigate();
  useEffect(() => {
    addEventListener("keydown", onShortcutKey);
    return () => removeEventListener("keydown", onShortcutKey);
  }, []);
  useShortcut("mod+k", openPalette);
  useShortcut("?", showShortcuts);
  useShortcut("[", toggleRail);
  useEffect(() => {
    const undo = NAV.map((item) => bindShortcut(item.keys, () => void navigate(item.to)));
    return () => undo.forEach((one) => one());
  }, [navigate]);
  useShortcut("c", () => void navigate("/workflows/new"));
}
