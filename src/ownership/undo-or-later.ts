import type { Logger } from 'pino'
import type { RetryLater } from '../concurrency/retry-later.ts'
import { UndoStack } from '../concurrency/undo-stack.ts'

/** An undo stack whose failed steps are tried again behind the scenes: Docker will not ask for them. */
export function undoOrLater(later: RetryLater, { log }: { log: Pick<Logger, 'error'> }): UndoStack {
  return new UndoStack((what, error, undo) => {
    log.error({ err: error }, `could not undo: ${what}`)
    later.add(`undo: ${what}`, undo)
  })
}
