import { useReactFlow } from "@xyflow/react";
import { Maximize, Minus, Plus } from "lucide-react";
import { t } from "../messages";
import { IconButton } from "../ui/icon_button";

export function CanvasControls({ onFit }: { onFit: () => void }) {
  const flow = useReactFlow();
  return (
    <div className="absolute bottom-3 left-3 z-10 flex rounded-md border bg-surface shadow-card">
      <IconButton label={t.canvas.zoomOut} icon={<Minus size={14} />} onClick={() => void flow.zoomOut({ duration: 120 })} side="top" />
      <IconButton label={t.canvas.zoomIn} icon={<Plus size={14} />} onClick={() => void flow.zoomIn({ duration: 120 })} side="top" />
      <IconButton label={t.canvas.fit} icon={<Maximize size={14} />} onClick={onFit} side="top" />
    </div>
  );
}
