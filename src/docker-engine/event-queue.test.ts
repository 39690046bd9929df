import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { allOf } from './testing/all-of.ts'

describe('the queue of events', () => {
  it('gives what waits, then what comes, in order, and ends', async () => {
    const queue = new EventQueue<number>(10)
    queue.put(1)
    queue.put(2)
    const all = allOf(queue.read())
    await Promise.resolve()
    queue.put(3)
    setImmediate(() => {
      queue.put(4)
      queue.put(5)
      queue.end()
    })
    expect(await all).toEqual([1, 2, 3, 4, 5])
  })

  it('gives what waits before the error that ended it; a second end changes nothing', async () => {
    const queue = new EventQueue<number>(10)
    queue.put(1)
    queue.end(new Error('first'))
    queue.end()
    const read = queue.read()
    expect(await read.next()).toEqual({ done: false, value: 1 })
    await expect(read.next()).rejects.toThrow('first')
  })

  it('takes no more than its limit, counted anew once they are read', async () => {
    const queue = new EventQueue<number>(2)
    expect([queue.put(1), queue.put(2), queue.put(3)]).toEqual([true, true, false])
    const read = queue.read()
    expect(await read.next()).toEqual({ done: false, value: 1 })
    expect(queue.put(4)).toBe(true)
    queue.end()
    expect(await allOf(read)).toEqual([2, 4])
  })
})
