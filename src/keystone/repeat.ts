import { setTimeout as delay } from 'node:timers/promises'
import type { HttpAnswer, HttpRequest } from './http-client.ts'
import { OpenStackError } from './openstack-error.ts'

/** How often one request is sent at most. */
const MOST_ATTEMPTS = 5

/** Milliseconds before the first repetition, doubled for each further one; half of it is random. */
const FIRST_PAUSE = 200

/** An answer, and whether an earlier attempt may have done the same already. */
export interface RepeatedAnswer extends HttpAnswer {
  afterUnknown: boolean
}

/**
 * Sends a request again where that is safe: it never arrived (no connection, 429), or doing it twice is doing it once
 * (GET, PUT, DELETE), or the service itself asks for it (503 with Retry-After). When the signal aborts, the last failure is
 * what is told.
 *
 * @throws {OpenStackError} of the last attempt
 */
export async function repeating(
  { method, signal }: Pick<HttpRequest, 'method' | 'signal'>,
  send: () => Promise<HttpAnswer>,
): Promise<RepeatedAnswer> {
  let afterUnknown = false
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === MOST_ATTEMPTS
    try {
      const answer = await send()
      if (last || !mayRepeat(method, answer)) return { ...answer, afterUnknown }
      afterUnknown ||= answer.status !== 429
      if (!(await pause(attempt, { signal, atLeast: retryAfter(answer) }))) return { ...answer, afterUnknown }
    } catch (error) {
      const known = error instanceof OpenStackError ? error : undefined
      const again = known?.kind === 'unreachable' || (known?.kind === 'no answer' && method !== 'POST')
      if (last || !again) throw error
      afterUnknown ||= known.kind === 'no answer'
      if (!(await pause(attempt, { signal, atLeast: 0 }))) throw error
    }
  }
}

function mayRepeat(method: HttpRequest['method'], answer: HttpAnswer): boolean {
  const { status, headers } = answer
  if (status === 429) return true
  if (status === 503 && headers['retry-after'] !== undefined) return true
  return method !== 'POST' && [500, 502, 503, 504].includes(status)
}

/** Milliseconds that the service asks to wait: seconds or a date (RFC 9110). */
export function retryAfter({ headers }: Pick<HttpAnswer, 'headers'>, now = Date.now()): number {
  const value = headers['retry-after'] ?? ''
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}

/** False if the signal aborted meanwhile. */
async function pause(attempt: number, { signal, atLeast }: { signal: AbortSignal; atLeast: number }): Promise<boolean> {
  const most = FIRST_PAUSE * 2 ** (attempt - 1)
  const jittered = most / 2 + (Math.random() * most) / 2
  await delay(Math.max(jittered, atLeast), undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
