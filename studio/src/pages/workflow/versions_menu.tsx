import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { versionsQuery } from "../../api/queries";
import { t } from "../../messages";
import { Menu, MenuChoice, MenuLabel } from "../../ui/menu";
import { RelativeTime } from "../../ui/time_text";

interface Props {
  name: string;
  version: string;
  onChange: (version: string | null) => void;
}

export function VersionsMenu({ name, version, onChange }: Props) {
  const { data } = useQuery(versionsQuery(name));
  const items = data?.items ?? [];
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t.versions.choose(version)}
          className="tabular inline-flex h-6 items-center gap-1 rounded-sm border border-line-strong bg-surface px-1.5 font-mono text-xs text-soft hover:border-line-hover hover:text-ink"
        >
          {version} <ChevronDown size={12} />
        </button>
      }
    >
      <MenuLabel>{t.versions.title}</MenuLabel>
      <MenuChoice
        value={version}
        onChange={(next) => onChange(items.find((one) => one.version === next)?.current === true ? null : next)}
        options={items.map((one) => ({
          value: one.version,
          label: <span className="font-mono text-xs">{one.version}</span>,
          note: one.current ? t.versions.current : one.canary_percent !== null ? t.versions.canary(one.canary_percent) : <RelativeTime iso={one.created_at} />,
        }))}
      />
    </Menu>
  );
}
