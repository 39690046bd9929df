import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Frames } from './frames.ts'
import { JuteReader, JuteWriter } from './jute.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

test('frames come out whole and in order, however the bytes are cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 })
  fc.assert(
    fc.property(bodies, cuts, (sent, sizes) => {
      const wire = Buffer.concat(sent.map(body => new JuteWriter().raw(Buffer.from(body)).frame()))
      const frames = new Frames()
      const got: Buffer[] = []
      let at = 0
      for (const size of [...sizes, wire.length]) {
        got.push(...frames.add(wire.subarray(at, at + size)))
        at += size
      }
      expect(got.map(frame => [...frame])).toEqual(sent.map(body => [...body]))
    }),
  )
})

test.each([-1, 100 * 1024 * 1024])('a length of %d is nobody’s answer', length => {
  const wire = new JuteWriter().int(length).bytes()
  expect(() => new Frames().add(wire)).toThrow(ZooKeeperError)
})

test('what the writer writes the reader reads; none is read as empty, and past the end is an error', () => {
  const writer = new JuteWriter()
    .int(-7)
    .long(2n ** 62n)
    .bool(true)
    .text('ü/ü')
    .buffer(Buffer.from([1, 2]))
    .int(-1)
  const reader = new JuteReader(writer.int(2).text('a').text('b').bytes())
  expect([reader.int(), reader.long(), reader.bool(), reader.text()]).toEqual([-7, 2n ** 62n, true, 'ü/ü'])
  expect([[...reader.buffer()], [...reader.buffer()], reader.texts()]).toEqual([[1, 2], [], ['a', 'b']])
  expect(reader.left).toBe(0)
  expect(() => reader.int()).toThrow(RangeError)
  expect(() => new JuteReader(new JuteWriter().int(5).bytes()).text()).toThrow('expected 5 bytes, 0 are left')
})
