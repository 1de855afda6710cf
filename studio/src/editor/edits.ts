import type { EditResult, Operation } from "../api/language";
import type { Outline } from "../api/types";
import type { Gesture, Plan } from "../document/gestures";
import { changeSpec } from "./position";
import type { Session } from "./session";

interface Server {
  /** The outline of exactly this text; null when the text cannot be read as a document. */
  outline(source: string): Promise<Outline | null>;
  edit(source: string, operations: Operation[]): Promise<EditResult>;
}

/** `unreadable`: the text has to be mended first. `nothing`: there was nothing to do. */
export type Outcome = { done: true; select: readonly string[] | undefined } | { done: false; reason: "unreadable" | "nothing" };

/**
 * Carries gestures out, one after the other: each is planned on the outline of the text as the one before left it, so
 * that quick gestures never work with stale pointers. What is typed meanwhile stays.
 */
export class Edits {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly session: Session,
    private readonly server: Server,
  ) {}

  run(gesture: Gesture): Promise<Outcome> {
    const mine = this.#last.then(() => this.#carryOut(gesture));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #carryOut(gesture: Gesture): Promise<Outcome> {
    const fork = this.session.fork();
    try {
      const source = fork.doc.toString();
      const outline = await this.server.outline(source);
      if (outline === null) return { done: false, reason: "unreadable" };
      const plan = gesture(outline);
      if (plan === null) return { done: false, reason: "nothing" };
      const result = await this.server.edit(source, plan.operations);
      fork.apply(result.changes.map((change) => changeSpec(fork.doc, change)));
      return { done: true, select: asList(plan.select) };
    } finally {
      fork.release();
    }
  }
}

const asList = (select: Plan["select"]): readonly string[] | undefined =>
  select === undefined ? undefined : select === null ? [] : typeof select === "string" ? [select] : select;
