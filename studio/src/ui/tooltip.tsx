import * as Radix from "@radix-ui/react-tooltip";
import type { ReactNode } from "react";
import { Kbd } from "./kbd";

interface Props {
  text: ReactNode;
  keys?: string;
  side?: "top" | "bottom" | "right" | "left";
  children: ReactNode;
}

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={350} skipDelayDuration={200}>
    {children}
  </Radix.Provider>
);

export function Tooltip({ text, keys, side = "bottom", children }: Props) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-80 items-center gap-2 rounded-md bg-raised px-2 py-1 text-xs text-ink shadow-pop"
        >
          {text}
          {keys === undefined ? null : <Kbd keys={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
