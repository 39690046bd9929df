import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asksToPublish, describePort, readPublishedPorts } from './published-ports.ts'

const read = (...mappings: unknown[]): ReturnType<typeof readPublishedPorts> =>
  readPublishedPorts({ 'com.docker.network.portmap': mappings })
const web = { Proto: 6, IP: '', Port: 80, HostIP: '', HostPort: 8080, HostPortEnd: 8080 }

describe('the ports that Docker asks to publish', () => {
  it.each([
    ['one', web, '8080:80/tcp'],
    ['of udp', { ...web, Proto: 17 }, '8080:80/udp'],
    ['of a range', { ...web, HostPort: 8000, HostPortEnd: 8010 }, '8000-8010:80/tcp'],
    ['with any outer port', { ...web, HostPort: 0, HostPortEnd: 0 }, '80/tcp'],
    ['of an engine that leaves out what is empty', { Proto: 6, Port: 80 }, '80/tcp'],
  ])('%s', (_, mapping, described) => expect(read(mapping).map(describePort)).toEqual([described]))

  it.each([
    ['', ''],
    ['0.0.0.0', ''],
    ['::', ''],
    ['203.0.113.7', '203.0.113.7'],
  ])('at %j', (HostIP, hostAddress) => expect(read({ ...web, HostIP })).toMatchObject([{ hostAddress }]))

  it('are told once when Docker asks for them at every address of each family', () =>
    expect(read(web, { ...web, HostIP: '0.0.0.0' }, { ...web, HostIP: '::' })).toHaveLength(1))

  it('may have the same number with each protocol', () => expect(read(web, { ...web, Proto: 17 })).toHaveLength(2))

  it.each([
    [{ ...web, Proto: 132 }, 'cannot publish port 80/sctp: floating IPs forward tcp and udp only'],
    [{ ...web, Proto: 41 }, 'cannot publish port 80/protocol 41'],
    [{ ...web, Port: 0 }, 'Options["com.docker.network.portmap"]/0/Port'],
    [{ ...web, HostPort: 65_536 }, '/0/HostPort'],
    [{ ...web, HostPort: '8080' }, '/0/HostPort'],
    [{ Port: 80 }, 'expected ports to publish as Docker sends them'],
    [null, 'expected ports to publish'],
  ])('are refused where they are %j', (mapping, message) => expect(() => read(mapping)).toThrow(message))

  it('are refused where one is to be had at two outer ports', () =>
    expect(() => read(web, { ...web, HostPort: 8081, HostPortEnd: 8081 })).toThrow(
      'cannot publish port 80/tcp twice (8080:80/tcp and 8081:80/tcp)',
    ))

  it('are none where nothing is said', () => {
    for (const options of [undefined, null, {}, { 'com.docker.network.portmap': [] }]) {
      expect(readPublishedPorts(options)).toEqual([])
      expect(asksToPublish(options)).toBe(false)
    }
    expect(asksToPublish({ 'com.docker.network.portmap': [web] })).toBe(true)
  })
})

describe('whatever comes', () => {
  const number = fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.double(), fc.anything())
  const mapping = fc.record(
    {
      Proto: fc.oneof(fc.constantFrom(6, 17, 132), number),
      Port: number,
      HostPort: number,
      HostPortEnd: number,
      HostIP: fc.oneof(fc.ipV4(), fc.anything()),
    },
    { requiredKeys: [] },
  )

  it('is refused with a RangeError, or gives ports that can be asked for', () =>
    fc.assert(
      fc.property(fc.oneof(fc.array(mapping), fc.anything()), asked => {
        try {
          for (const { port, range, protocol } of readPublishedPorts({ 'com.docker.network.portmap': asked })) {
            const { first, last } = range
            expect(['tcp', 'udp']).toContain(protocol)
            for (const one of [port, first, last]) expect(Number.isInteger(one) && one >= 1 && one <= 65_535).toBe(true)
            expect(last).toBeGreaterThanOrEqual(first)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    ))
})
