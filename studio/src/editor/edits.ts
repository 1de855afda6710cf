import { ChangeSet, type Text } from "@codemirror/state";
import type { EditResult, Operation } from "../api/language";
import type { Outline } from "../api/types";
import type { Gesture, Plan } from "../document/gestures";
import { changeSpec } from "./position";
import type { Session } from "./session";

/** As many as the server takes in one request. */
const OPERATIONS_MAX = 100;

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
      fork.apply(await this.#changes(fork.doc, plan.operations));
      return { done: true, select: asList(plan.select) };
    } finally {
      fork.release();
    }
  }

  /** What the operations change in the text: asked in portions, each on what the one before left, and told as one. */
  async #changes(doc: Text, operations: Operation[]): Promise<ChangeSet> {
    let text = doc;
    let all = ChangeSet.empty(doc.length);
    for (let at = 0; at < operations.length; at += OPERATIONS_MAX) {
      const { changes } = await this.server.edit(text.toString(), operations.slice(at, at + OPERATIONS_MAX));
      const portion = ChangeSet.of(changes.map((change) => changeSpec(text, change)), text.length);
      all = all.compose(portion);
      text = portion.apply(text);
    }
    return all;
  }
}

const asList = (select: Plan["select"]): readonly string[] | undefined =>
  select === undefined ? undefined : select === null ? [] : typeof select === "string" ? [select] : select;
