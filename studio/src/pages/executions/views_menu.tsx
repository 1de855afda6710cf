import { Bookmark, BookmarkPlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field, Input } from "../../ui/field";
import { Menu, MenuItem, MenuLabel } from "../../ui/menu";
import { toast } from "../../ui/toast_store";
import { removeView, saveView, useSavedViews } from "./saved_views";

/** Filters with a name: some that everybody needs, and one's own. */
export function ViewsMenu() {
  const [params, setParams] = useSearchParams();
  const own = useSavedViews();
  const [saving, setSaving] = useState(false);
  const search = params.toString();
  const shown = own.find((one) => one.search === search);
  const v = t.executions.views;
  const remove = (name: string, removed: string) => {
    removeView(name);
    toast({ tone: "success", title: v.removed(name), action: { label: t.common.undo, run: () => saveView(name, removed) } });
  };
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button icon={<Bookmark size={14} className="text-dim" />} aria-label={v.open}>
            {shown?.name ?? v.title}
          </Button>
        }
      >
        <MenuLabel>{v.common}</MenuLabel>
        {v.builtIn.map((one) => (
          <MenuItem key={one.name} onSelect={() => setParams(new URLSearchParams(one.search))}>
            {one.name}
          </MenuItem>
        ))}
        {own.length === 0 ? null : <MenuLabel>{v.own}</MenuLabel>}
        {own.map((one) => (
          <MenuItem key={one.name} onSelect={() => setParams(new URLSearchParams(one.search))}>
            {one.name}
          </MenuItem>
        ))}
        <MenuLabel>{v.this}</MenuLabel>
        <MenuItem icon={<BookmarkPlus size={15} />} disabled={search === ""} onSelect={() => setSaving(true)}>
          {v.save}
        </MenuItem>
        {shown === undefined ? null : (
          <MenuItem icon={<Trash2 size={15} />} onSelect={() => remove(shown.name, shown.search)}>
            {v.remove(shown.name)}
          </MenuItem>
        )}
      </Menu>
      {saving ? <SaveDialog search={search} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

function SaveDialog({ search, onClose }: { search: string; onClose: () => void }) {
  const [name, setName] = useState("");
  const v = t.executions.views;
  const save = () => {
    if (name.trim() === "") return;
    saveView(name.trim(), search);
    toast({ tone: "success", title: v.saved(name.trim()) });
    onClose();
  };
  return (
    <Dialog
      open
      width="sm"
      onClose={onClose}
      title={v.save}
      description={v.detail}
      onSubmit={save}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button tone="primary" type="submit" disabled={name.trim() === ""}>
            {v.confirm}
          </Button>
        </>
      }
    >
      <Field label={v.name}>{(props) => <Input {...props} value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />}</Field>
    </Dialog>
  );
}
