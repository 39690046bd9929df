import { describe, expect, it } from 'vitest'
import { OpenStackError } from './openstack-error.ts'
import { repeating, retryAfter } from './repeat.ts'

type Outcome = number | OpenStackError['kind']

/** Sends answers and failures in this order; the last one for ever. */
function scripted(outcomes: Outcome[]): { send: () => Promise<never>; sent: () => number } {
  let sent = 0
  return {
    sent: () => sent,
    send: () => {
      const outcome = outcomes[Math.min(sent, outcomes.length - 1)] ?? 200
      sent += 1
      if (typeof outcome === 'number') return Promise.resolve({ status: outcome, headers: {}, text: '' } as never)
      return Promise.reject(new OpenStackError(outcome, outcome))
    },
  }
}

describe('a request is sent again', () => {
  it.each([
    ['GET', [503, 200], 2],
    ['DELETE', ['no answer', 204], 2],
    ['PUT', [500, 'no answer', 200], 3],
    ['POST', ['unreachable', 201], 2],
    ['POST', [429, 201], 2],
  ] as const)('%s after %j', async (method, outcomes, times) => {
    const { send, sent } = scripted([...outcomes])
    await repeating({ method, signal: new AbortController().signal }, send)
    expect(sent()).toBe(times)
  })
})

describe('a request is not sent again', () => {
  it.each([
    ['POST', 'no answer'],
    ['POST', 'untrusted'],
    ['GET', 'untrusted'],
    ['GET', 'refused'],
  ] as const)('%s after "%s"', async (method, kind) => {
    const { send, sent } = scripted([kind])
    await expect(repeating({ method, signal: new AbortController().signal }, send)).rejects.toThrow(kind)
    expect(sent()).toBe(1)
  })

  it.each([
    ['POST', 500],
    ['POST', 503],
    ['GET', 404],
    ['PUT', 409],
  ] as const)('%s after %i', async (method, status) => {
    const { send, sent } = scripted([status])
    expect((await repeating({ method, signal: new AbortController().signal }, send)).status).toBe(status)
    expect(sent()).toBe(1)
  })

  it('once its signal has aborted: the last failure is told', async () => {
    const { send } = scripted(['unreachable'])
    await expect(repeating({ method: 'GET', signal: AbortSignal.timeout(50) }, send)).rejects.toThrow('unreachable')
  })
})

it('whether an earlier attempt may have done it is told', async () => {
  const signal = new AbortController().signal
  const after = async (outcomes: Outcome[]) => repeating({ method: 'DELETE', signal }, scripted(outcomes).send)
  expect(await after(['no answer', 404])).toMatchObject({ status: 404, afterUnknown: true })
  expect(await after(['unreachable', 404])).toMatchObject({ status: 404, afterUnknown: false })
})

it.each([
  ['3', 3000],
  ['Thu, 01 Jan 1970 00:00:09 GMT', 8000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', 0],
])('Retry-After %j is %i ms', (value, milliseconds) =>
  expect(retryAfter({ headers: { 'retry-after': value } }, 1000)).toBe(milliseconds),
)
