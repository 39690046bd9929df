import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Port } from '../neutron/resources.ts'
import { type DesiredInput, desiredEntries, type RemoteEntries } from './desired-entries.ts'
import { entryChanges } from './entry-changes.ts'

type Relevant = Pick<Port, 'mac_address' | 'fixed_ips' | 'binding:host_id'>

function port(host: string, mac: string, ...addresses: string[]): Port {
  const fixed_ips = addresses.map(address => ({ subnet_id: 's', ip_address: address }))
  const relevant: Relevant = { mac_address: mac, fixed_ips, 'binding:host_id': host }
  return relevant as Port
}

function input(ports: Port[], change: Partial<DesiredInput> = {}): DesiredInput {
  const addresses: Record<string, string> = { here: '10.9.0.1', there: '10.9.0.2', v6: 'fd00::2', odd: 'nonsense' }
  return { ports, host: 'here', localAddress: '10.9.0.1', tunnelAddress: host => addresses[host], ...change }
}

describe('desiredEntries', () => {
  it('gives each port of another host one forwarding entry and one neighbour entry per address', () => {
    const { entries, remotePorts } = desiredEntries(
      input([port('there', 'FA:16:3E:00:00:01', '10.0.0.2', 'fd00:0::2')]),
    )
    expect([...entries.forwarding]).toEqual([['fa:16:3e:00:00:01', '10.9.0.2']])
    expect([...entries.neighbours]).toEqual([
      ['10.0.0.2', 'fa:16:3e:00:00:01'],
      ['fd00::2', 'fa:16:3e:00:00:01'],
    ])
    expect(remotePorts).toBe(1)
  })

  it('gives none to ports of this host and to ports that are bound nowhere', () => {
    const desired = desiredEntries(input([port('here', 'fa:16:3e:00:00:01'), port('', 'fa:16:3e:00:00:02')]))
    expect(desired.entries.forwarding.size).toBe(0)
    expect(desired.remotePorts).toBe(0)
  })

  it.each([
    ['unknown', {}, 'its tunnel address is not known'],
    ['odd', {}, '"nonsense" is not an IP address'],
    ['v6', {}, 'of another family than 10.9.0.1'],
    ['there', { localAddress: undefined }, 'set [fabric] local_ip'],
  ])('tells why host %s cannot be reached (%j)', (host, change, reason) => {
    const desired = desiredEntries(input([port(host, 'fa:16:3e:00:00:01', '10.0.0.2')], change))
    expect(desired.unreachable.get(host)).toContain(reason)
    expect(desired.entries.neighbours.size).toBe(0)
    expect(desired.remotePorts).toBe(1)
  })
})

describe('entryChanges', () => {
  const key = fc.integer({ min: 0, max: 6 }).map(String)
  const table = fc.array(fc.tuple(key, key)).map(pairs => new Map(pairs))
  const entries = fc.record<RemoteEntries>({ forwarding: table, neighbours: table })

  it('turns any applied state into any desired one and touches nothing that is right already', () => {
    fc.assert(
      fc.property(entries, entries, (applied, desired) => {
        const changes = entryChanges(applied, desired)
        const result = new Map(applied.forwarding)
        for (const { mac } of changes.forwarding.remove) expect(result.delete(mac)).toBe(true)
        for (const { mac, destination } of changes.forwarding.replace) {
          expect(result.get(mac)).not.toBe(destination)
          result.set(mac, destination)
        }
        expect(new Map([...result].sort())).toEqual(new Map([...desired.forwarding].sort()))
        const neighbours = new Map(applied.neighbours)
        for (const { address } of changes.neighbours.remove) neighbours.delete(address)
        for (const { address, mac } of changes.neighbours.replace) neighbours.set(address, mac)
        expect(new Map([...neighbours].sort())).toEqual(new Map([...desired.neighbours].sort()))
      }),
    )
  })
})
