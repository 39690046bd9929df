import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks `check` again and again, 50 ms apart, until it returns something other than undefined, and returns that. For what
 * no event tells: another program's socket, the kernel's state.
 * @throws Error that names `what` and the last failure of `check`, after `deadline` milliseconds.
 */
export async function waitUntil<T>(
  what: string,
  deadline: number,
  check: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + deadline
  let failure: unknown
  do {
    try {
      const found = await check()
      if (found !== undefined) return found
    } catch (error) {
      failure = error
    }
    await delay(50)
  } while (performance.now() < end)
  const why = failure instanceof Error ? `: ${failure.message}` : ''
  throw new Error(`waited ${deadline} ms in vain: ${what}${why}`, { cause: failure })
}
