/** The outcome of `work`, unless `signal` aborts first: then rejects with its reason. `work` goes on by itself. */
export async function raceAgainst<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  // Whoever loses the race may still fail: nobody listens any more.
  work.catch(() => undefined)
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const give = () => reject(signal.reason as Error)
  signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
