/** Whether `signal` has aborted. A function, because the compiler takes a signal that was looked at for one that stays so. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
