import { t } from "../messages";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/kbd";
import { NAV } from "./nav";

const [everywhere, ...ofPages] = t.shortcuts.groups;
const GROUPS = [everywhere, { title: t.palette.groups.pages, items: NAV.map(({ keys, label }) => ({ keys, label: t.palette.goTo(label) })) }, ...ofPages].filter((group) => group !== undefined);

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t.shortcuts.title} width="lg">
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1 text-xs font-medium text-dim">{group.title}</h3>
            <dl>
              {group.items.map((item) => (
                <div key={item.keys} className="flex h-8 items-center justify-between gap-4 text-sm">
                  <dt>{item.label}</dt>
                  <dd>
                    <Kbd keys={item.keys} />
                    <span className="sr-only">{item.keys}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
