import { createContext } from "react";
import type { Place } from "../document/gestures";
import type { RunGesture } from "../editor/use_edits";
import type { GraphEdge } from "./graph";

/** What the page gives a canvas that may change its document. */
export interface Editing {
  run: RunGesture;
  /** The text that the outline is of, for copying from it. */
  source: string;
  undo: () => void;
  redo: () => void;
  /** Opens the form of the chosen task. */
  onOpen: () => void;
}

/** What the parts of an editable canvas can ask for. Missing on a canvas that only shows. */
export interface CanvasActs {
  add: (place: Place, near: Element) => void;
  chooseEdge: (edge: string | null) => void;
  disconnect: (then: NonNullable<GraphEdge["then"]>) => void;
  rename: (ref: string, name: string | null) => void;
}

export const CanvasActsContext = createContext<CanvasActs | null>(null);
