import { useMemo } from "react";
import { t } from "../messages";
import { findItems } from "./pick_items";
import { PickList } from "./pick_list";
import type { PaletteItem } from "./palette_items";
import type { Picking, useEditing } from "./use_editing";
import { wayItems } from "./ways";

interface Props {
  picking: Picking;
  items: PaletteItem[];
  pick: ReturnType<typeof useEditing>["pick"];
  frame: HTMLElement | null;
}

/** The list that is open over the canvas: of tasks to add, or of where a task can go on. */
export function Picker({ picking, items, pick, frame }: Props) {
  const ways = useMemo(() => (picking.what === "way" ? wayItems(picking.entry) : []), [picking]);
  const common = { at: picking.at, frame: frame?.getBoundingClientRect() ?? { width: 0, height: 0 }, onClose: pick.close };
  if (picking.what === "way") {
    return (
      <PickList
        {...common}
        title={t.ways.title(picking.entry.task.name)}
        placeholder={t.ways.placeholder}
        nothing={t.ways.nothing}
        items={ways}
        find={findItems}
        onChoose={(item) => pick.way(item.way, item.target)}
      />
    );
  }
  return <PickList {...common} draggable title={t.add.title} placeholder={t.add.placeholder} nothing={t.add.nothing} hint={t.add.hint} items={items} find={findItems} onChoose={pick.task} />;
}
