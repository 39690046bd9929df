import { beforeEach, expect, it } from 'vitest'
import { RetryLater } from './retry-later.ts'

const said: string[] = []
const say = (_: object, text: string): void => void said.push(text)

function open(): RetryLater {
  const isFinal = (error: unknown): boolean => error instanceof RangeError
  return new RetryLater({ isFinal, log: { info: say, warn: say, error: say } })
}

beforeEach(() => {
  said.length = 0
})

it('an act is tried until it succeeds, once at a time', async () => {
  const later = open()
  let attempts = 0
  const act = (): Promise<void> => ((attempts += 1) < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve())
  later.add('port x', act)
  later.add('port x', act)
  expect(later.pending).toEqual(['port x'])
  await later.settled()
  expect(attempts).toBe(2)
  expect(said).toEqual(['not done yet: port x', 'done at last: port x'])
})

it('one that fails for good is given up', async () => {
  const later = open()
  later.add('port x', () => Promise.reject(new RangeError('never')))
  await later.settled()
  expect(said).toEqual(['given up: port x'])
})

it('what is left at the end is told, and nothing is begun any more', async () => {
  const later = open()
  later.add('port x', () => Promise.resolve())
  await later.close()
  expect(said).toEqual(['left undone'])
  later.add('port y', () => Promise.resolve())
  expect(later.pending).toEqual([])
})
