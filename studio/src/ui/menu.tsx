import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Kbd } from "./kbd";

const ITEM =
  "flex min-h-8 pointer-coarse:min-h-10 items-center gap-2.5 rounded-sm px-2 text-sm text-ink outline-none select-none data-highlighted:bg-hover data-disabled:opacity-45";

/** Not modal: the page behind stays as it is, and no style element has to be injected to hold its scroll. */
export function Menu({ trigger, children, align = "end" }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end" }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="animate-pop z-50 max-h-[min(480px,var(--radix-dropdown-menu-content-available-height))] min-w-48 overflow-y-auto rounded-lg bg-raised p-1 shadow-pop"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  icon?: ReactNode;
  keys?: string;
  onSelect: () => void;
  disabled?: boolean;
  children: ReactNode;
}

export function MenuItem({ icon, keys, onSelect, disabled, children }: ItemProps) {
  return (
    <Radix.Item className={ITEM} onSelect={onSelect} disabled={disabled}>
      {icon === undefined ? null : <span className="text-dim">{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys === undefined ? null : <Kbd keys={keys} />}
    </Radix.Item>
  );
}

interface ChoiceProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode; icon?: ReactNode; note?: ReactNode }[];
}

export function MenuChoice<T extends string>({ value, onChange, options }: ChoiceProps<T>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          {option.icon === undefined ? null : <span className="text-dim">{option.icon}</span>}
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          {option.note === undefined ? null : <span className="text-xs text-dim">{option.note}</span>}
          <Check size={14} className={option.value === value ? "text-accent-ink" : "invisible"} />
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuCheck({ checked, onChange, children }: { checked: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <Radix.CheckboxItem
      className={ITEM}
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className="min-w-0 flex-1">{children}</span>
      <Check size={14} className={checked ? "text-accent-ink" : "invisible"} />
    </Radix.CheckboxItem>
  );
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 pt-1.5 pb-1 text-xs font-medium text-dim">{children}</Radix.Label>
);

export const MenuSeparator = () => <Radix.Separator className="mx-1 my-1 h-px bg-line" />;
