import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Exposed, readExposedPorts } from './exposed-ports.ts'

const read = (exposed: unknown): Exposed[] => readExposedPorts({ 'com.docker.network.endpoint.exposedports': exposed })

const NUMBERS = { icmp: 1, tcp: 6, udp: 17, sctp: 132 }

describe('exposed ports', () => {
  it('are none where nothing, null or an empty list came', () => {
    expect(readExposedPorts(undefined)).toEqual([])
    expect(readExposedPorts(null)).toEqual([])
    expect(readExposedPorts({})).toEqual([])
    expect(read(null)).toEqual([])
    expect(read([])).toEqual([])
  })

  it('are sorted, each once, neighbours as one range, in a protocol without ports all of it', () => {
    const given = [
      { Proto: 132, Port: 9 },
      { Proto: 6, Port: 445 },
      { Proto: 17, Port: 53 },
      { Proto: 6, Port: 443 },
      { Proto: 6, Port: 80 },
      { Proto: 6, Port: 444 },
      { Proto: 6, Port: 443 },
      { Proto: 1, Port: 0 },
      { Proto: 1, Port: 8 },
    ]
    expect(read(given)).toEqual([
      { protocol: 'icmp' },
      { protocol: 'tcp', first: 80, last: 80 },
      { protocol: 'tcp', first: 443, last: 445 },
      { protocol: 'udp', first: 53, last: 53 },
      { protocol: 'sctp', first: 9, last: 9 },
    ])
  })

  it('as ranges are the same as one by one, whatever their order, in as few ranges as can be', () => {
    // Close together at both ends, so that many touch.
    const port = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 65_500, max: 65_535 }))
    const one = fc.record({ Proto: fc.constantFrom(6, 17, 132), Port: port })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), list => {
        const ranges = read(list)
        const singles = ranges.flatMap(range => {
          if (range.protocol === 'icmp') throw new Error('expected a protocol with ports')
          const { protocol, first, last } = range
          return Array.from({ length: last - first + 1 }, (_, index) => `${NUMBERS[protocol]}/${first + index}`)
        })
        const wanted = new Set(list.map(({ Proto, Port }) => `${Proto}/${Port}`))
        expect(new Set(singles)).toEqual(wanted)
        expect(singles).toHaveLength(wanted.size)
        const begins = [...wanted].filter(text => {
          const [protocol = '', number] = text.split('/')
          return !wanted.has(`${protocol}/${Number(number) - 1}`)
        })
        expect(ranges).toHaveLength(begins.length)
        expect(read(list.toReversed())).toEqual(ranges)
      }),
    )
  })

  it.each([
    ['text', 'tcp/80'],
    ['an object', { Proto: 6, Port: 80 }],
    ['a port as text', [{ Proto: 6, Port: '80' }]],
    ['port 0', [{ Proto: 6, Port: 0 }]],
    ['port 65536', [{ Proto: 6, Port: 65_536 }]],
    ['half a port', [{ Proto: 6, Port: 80.5 }]],
    ['no port', [{ Proto: 6 }]],
    ['all protocols', [{ Proto: 0, Port: 80 }]],
    ['a protocol that Docker does not know', [{ Proto: 47, Port: 80 }]],
    ['null', [null]],
  ])('that are %s are refused, with what was expected', (_what, given) => {
    expect(() => read(given)).toThrow(/exposedports"\].*: expected a list of .* 6 \(tcp\)/)
    expect(() => read(given)).toThrow(RangeError)
  })

  it('of whatever value are refused or in order', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.array(fc.record({ Proto: fc.jsonValue(), Port: fc.jsonValue() }))),
        any => {
          let ranges: Exposed[] = []
          try {
            ranges = read(any)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
            expect((error as Error).message.length).toBeLessThan(400)
          }
          for (const range of ranges) {
            if (range.protocol === 'icmp') continue
            expect(range.first).toBeGreaterThan(0)
            expect(range.last).toBeGreaterThanOrEqual(range.first)
            expect(range.last).toBeLessThan(65_536)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('contain what is published, in every call of Docker 20.10 to 28 that was recorded', () => {
    const directory = new URL('../../test/fixtures/docker-calls/', import.meta.url)
    const texts = readdirSync(directory).map(name => readFileSync(new URL(name, directory), 'utf8'))
    const lines = texts.flatMap(text => text.split('\n')).filter(line => line.includes('portmap": [{'))
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) {
      const { body } = JSON.parse(line) as { body: { Options: Record<string, { Proto: number; Port: number }[]> } }
      const list = (name: string): string[] =>
        Object.entries(body.Options)
          .filter(([key]) => key.endsWith(name))
          .flatMap(([, ports]) => ports.map(({ Proto, Port }) => `${Proto}/${Port}`))
      expect(list('exposedports')).toEqual(expect.arrayContaining(list('portmap')))
    }
  })
})
