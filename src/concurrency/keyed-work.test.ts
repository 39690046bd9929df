import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { KeyedWork } from './keyed-work.ts'

it('does each key one at a time, once more if asked meanwhile, and no more keys at once than its width', async () => {
  const stop = new AbortController()
  const running = new Set<string>()
  const done: string[] = []
  let most = 0
  const work = new KeyedWork({
    async work(key) {
      expect(running.has(key)).toBe(false)
      running.add(key)
      most = Math.max(most, running.size)
      await delay(5)
      running.delete(key)
      done.push(key)
    },
    onFailure: (_key, error) => expect.unreachable(String(error)),
    width: 2,
    signal: stop.signal,
  })
  for (const key of ['a', 'b', 'c', 'a', 'a']) work.ask(key)
  await work.idle()
  expect(done.sort()).toEqual(['a', 'a', 'b', 'c'])
  expect(most).toBe(2)
  stop.abort()
  work.ask('d')
  await work.idle()
  expect(done).not.toContain('d')
})

it('tries again what fails, until it does not', async () => {
  const stop = new AbortController()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const failures: unknown[] = []
  const work = new KeyedWork({
    work: () => {
      if (failures.length < 2) return Promise.reject(new Error('not yet'))
      resolve(undefined)
      return Promise.resolve()
    },
    onFailure: (_key, error) => failures.push(error),
    width: 1,
    signal: stop.signal,
  })
  work.ask('a')
  await promise
  expect(failures).toHaveLength(2)
  stop.abort()
})
