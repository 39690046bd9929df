type OnUndoFailure = (what: string, error: unknown, undo: () => Promise<unknown>) => void

/**
 * What to take back if an act does not reach its end: each step that makes something registers its undo, and the last
 * step calls {@link UndoStack.keep}. Used with `await using`, so that a throw cannot miss it.
 */
export class UndoStack implements AsyncDisposable {
  readonly #undos: { what: string; undo: () => Promise<unknown> }[] = []
  readonly #onFailure: OnUndoFailure

  /** @param onFailure told of an undo that itself failed, which it may try again; the remaining ones still run. */
  constructor(onFailure: OnUndoFailure) {
    this.#onFailure = onFailure
  }

  /** Registers how to take back what was just made. `what` is for the log: `delete port 1f2e…`. */
  add(what: string, undo: () => Promise<unknown>): void {
    this.#undos.push({ what, undo })
  }

  /** The act succeeded: nothing will be undone. */
  keep(): void {
    this.#undos.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { what, undo } of this.#undos.reverse()) {
      try {
        await undo()
      } catch (error) {
        this.#onFailure(what, error, undo)
      }
    }
  }
}
