import { Pause, Pencil, Play, Trash2 } from "lucide-react";
import { t } from "../../messages";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import { RowMenu } from "../../ui/row_menu";

interface Props {
  name: string;
  enabled: boolean;
  onEdit: () => void;
  onToggle: () => void;
  onRemove: () => void;
}

/** What can be done to a channel or a rule. */
export function EditMenu({ name, enabled, onEdit, onToggle, onRemove }: Props) {
  const n = t.notifications;
  return (
    <RowMenu label={n.actions(name)}>
      <MenuItem icon={<Pencil size={14} />} onSelect={onEdit}>
        {n.edit}
      </MenuItem>
      <MenuItem icon={enabled ? <Pause size={14} /> : <Play size={14} />} onSelect={onToggle}>
        {enabled ? n.disable : n.enable}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<Trash2 size={14} />} onSelect={onRemove}>
        {n.remove}
      </MenuItem>
    </RowMenu>
  );
}
