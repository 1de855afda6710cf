import { isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { Annotation, ChangeSet, Compartment, EditorState, type ChangeSpec, type Text, type Transaction, type TransactionSpec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { documentExtensions, type Language } from "./extensions";
import { lineChanges } from "./line_changes";

/** Marks a selection that was made to show a place, as against one that a person made in the text. */
const revealing = Annotation.define<true>();

/** A text as it was when somebody outside the editor began to work out changes to it. */
export interface Fork {
  readonly doc: Text;
  /** Applies changes of `doc` as one step of the history, moved past what has been typed since. */
  apply(changes: ChangeSpec): void;
  release(): void;
}

/**
 * One document being edited: its text, selection and the one history that text and canvas share. It outlives the view,
 * so that undo survives a change of tabs, and the canvas can edit while no text is shown.
 */
export class Session {
  #state: EditorState;
  #view: EditorView | null = null;
  #source: string;
  readonly #lock = new Compartment();
  readonly #listeners = new Set<() => void>();
  readonly #cursorListeners = new Set<() => void>();
  readonly #forks = new Set<{ since: ChangeSet }>();

  constructor(source: string, language: Language, label: string) {
    this.#source = source;
    const extensions = [documentExtensions(language, label), this.#lock.of([])];
    this.#state = EditorState.create({ doc: source, extensions });
  }

  get source(): string {
    return this.#source;
  }
  get state(): EditorState {
    return this.#view?.state ?? this.#state;
  }
  get canUndo(): boolean {
    return undoDepth(this.state) > 0;
  }
  get canRedo(): boolean {
    return redoDepth(this.state) > 0;
  }

  mount(root: ShadowRoot): void {
    this.#view = new EditorView({
      root,
      parent: root,
      state: this.#state,
      dispatchTransactions: (transactions, view) => {
        view.update(transactions);
        this.#changed(transactions);
      },
    });
  }

  unmount(): void {
    if (this.#view === null) return;
    this.#state = this.#view.state;
    this.#view.destroy();
    this.#view = null;
  }

  dispatch = (spec: Transaction | TransactionSpec): void => {
    const transaction = "startState" in spec ? spec : this.state.update(spec);
    if (this.#view !== null) {
      this.#view.dispatch(transaction);
      return;
    }
    this.#state = transaction.state;
    this.#changed([transaction]);
  };

  replace(source: string): void {
    this.dispatch({ changes: lineChanges(this.#source, source), annotations: isolateHistory.of("full") });
  }

  fork(): Fork {
    const doc = this.state.doc;
    const mine = { since: ChangeSet.empty(doc.length) };
    this.#forks.add(mine);
    return {
      doc,
      apply: (changes) => {
        const moved = ChangeSet.of(changes, doc.length).map(mine.since);
        this.dispatch({ changes: moved, userEvent: "edit", annotations: isolateHistory.of("full"), scrollIntoView: false });
      },
      release: () => void this.#forks.delete(mine),
    };
  }

  undo = (): boolean => undo(this);
  redo = (): boolean => redo(this);

  /** Puts the cursor at a place and scrolls to it; the canvas is not told, for it is mostly the one that asks. */
  reveal(offset: number, focus: boolean): void {
    const at = Math.min(offset, this.state.doc.length);
    this.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }), annotations: revealing.of(true) });
    if (focus) this.#view?.focus();
  }

  setReadOnly(readOnly: boolean): void {
    if (this.state.readOnly === readOnly) return;
    this.dispatch({ effects: this.#lock.reconfigure([EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)]) });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Told when a person puts the cursor somewhere. */
  onCursor(listener: () => void): () => void {
    this.#cursorListeners.add(listener);
    return () => void this.#cursorListeners.delete(listener);
  }

  #changed(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      if (!transaction.docChanged) continue;
      for (const fork of this.#forks) fork.since = fork.since.compose(transaction.changes);
    }
    if (transactions.some((one) => one.docChanged)) {
      this.#source = this.state.doc.toString();
      for (const listener of this.#listeners) listener();
    }
    const moved = transactions.some((one) => one.selection !== undefined && one.annotation(revealing) === undefined);
    if (moved) for (const listener of this.#cursorListeners) listener();
  }
}
