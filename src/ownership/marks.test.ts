import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as marks from './marks.ts'

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from({ length: 16 }, (_, digit) => digit.toString(16))),
    minLength: length,
    maxLength: length,
  })
const dockerId = fc.oneof(hex(64), hex(25))

describe('marks', () => {
  it('a Docker id comes back from its tags, whatever else is on the resource', () =>
    fc.assert(
      fc.property(dockerId, fc.array(fc.uuid()), (id, others) => {
        const tags = [...others, ...marks.dockerIdTags(id)]
        expect(marks.dockerIdOf(tags)).toBe(id)
        expect(marks.hasDockerId(tags)).toBe(true)
        for (const tag of tags) expect(tag.length).toBeLessThanOrEqual(60)
      }),
    ))

  it('a network is marked for an id by both halves, or by one that is no half of another whole id', () => {
    const [own, other] = [`${'a'.repeat(63)}1`, `${'a'.repeat(63)}2`]
    const [lower = '', upper = ''] = marks.dockerIdTags(own)
    expect(marks.isMarkedFor(own, [lower, upper])).toBe(true)
    expect(marks.isMarkedFor(own, [...marks.dockerIdTags(other), upper])).toBe(true)
    expect(marks.isMarkedFor(own, [upper])).toBe(true)
    expect(marks.isMarkedFor(own, marks.dockerIdTags(other))).toBe(false)
    expect(marks.isMarkedFor(own, [])).toBe(false)
  })

  it('only our own marks are taken from a port, that of the host, by which the sweep finds it, at the last', () => {
    const ours = [
      marks.hostTag('a'),
      marks.hostTag('b'),
      marks.poolTag('p'),
      marks.ADOPTED_PORT_TAG,
      marks.containerNameTag('web'),
      marks.containerLabelTag('team', 'net'),
      ...marks.dockerIdTags('e'.repeat(64)),
    ]
    const taken = marks.portMarks(['web', ...ours, 'kuryr', 'compute', 'docker'])
    expect(taken.toSorted()).toEqual(ours.toSorted())
    expect(taken.slice(-2)).toEqual([marks.hostTag('a'), marks.hostTag('b')])
  })

  it('a port is of the pools that it names, and of any if it names none', () => {
    expect(marks.isOfPool([marks.poolTag('p'), marks.poolTag('q')], 'q')).toBe(true)
    expect(marks.isOfPool([marks.poolTag('p')], 'q')).toBe(false)
    expect(marks.isOfPool([marks.CREATED_PORT_TAG], 'q')).toBe(true)
  })

  it.each([
    [marks.createdNetworkName('0123456789abcdef'), 'kuryr-net-01234567'],
    [marks.createdSubnetName('10.0.0.0/24'), 'kuryr-subnet-10.0.0.0/24'],
    [marks.subnetPoolName('kuryrPool', '10.0.0.0/24'), 'kuryrPool-10.0.0.0/24'],
    [marks.adoptedNetworkTag('0123456789abcdef'), 'kuryr.net.existing:0123456789ab'],
    [marks.endpointPortName('e1'), 'e1-port'],
  ])('%s is upstream’s', (mark, expected) => expect(mark).toBe(expected))
})
