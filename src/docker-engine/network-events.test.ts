import { describe, expect, it } from 'vitest'
import { secondsAndNanoseconds } from './network-events.ts'

describe('the time that events are asked for since', () => {
  it.each([
    ['2026-11-25T03:28:02.635739718Z', '1795577282.635739718'],
    ['2026-11-25T03:28:02.6Z', '1795577282.600000000'],
    ['2026-11-25T03:28:02Z', '1795577282.000000000'],
    ['2026-11-25T04:28:02.000000001+01:00', '1795577282.000000001'],
  ])('%s is %s', (time, seconds) => {
    expect(secondsAndNanoseconds(time)).toBe(seconds)
  })

  it.each(['', 'now', '2026-11-25', '2026-13-25T03:28:02Z', '2026-11-25T03:28:02', '2026-11-25T03:28:02.1234567890Z'])(
    '%j is none',
    time => {
      expect(secondsAndNanoseconds(time)).toBeUndefined()
    },
  )
})
