import { beforeEach, describe, expect, it } from 'vitest'
import type { Port } from '../../neutron/resources.ts'
import { keys } from '../keys.ts'
import { encode } from '../records.ts'
import { Reservations } from './reservations.ts'
import { Tables } from './tables.ts'

const port: Port = {
  id: 'p-1',
  name: '',
  description: '',
  project_id: '',
  tenant_id: '',
  tags: ['one'],
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
  revision_number: 0,
  network_id: 'n-1',
  mac_address: 'fa:16:3e:00:00:01',
  fixed_ips: [{ subnet_id: 's-1', ip_address: '10.0.0.2' }],
  admin_state_up: true,
  status: 'DOWN',
  device_id: '',
  device_owner: '',
  security_groups: [],
  allowed_address_pairs: [],
  extra_dhcp_opts: [],
  port_security_enabled: true,
  'binding:vnic_type': 'normal',
  'binding:profile': {},
  'binding:host_id': 'host-1',
  'binding:vif_type': 'fabric',
  'binding:vif_details': {},
}

describe('the tables of the replica', () => {
  let tables: Tables
  let lines: string[]
  let revision: number

  beforeEach(() => {
    lines = []
    revision = 0
    const log = { info: () => undefined, warn: () => undefined, error: (_: object, line: string) => lines.push(line) }
    tables = new Tables(new Reservations(), log)
  })

  function put(key: string, value: string): string[] {
    const about: string[] = []
    tables.apply({ type: 'put', entry: { key, value, modRevision: ++revision } }, change => about.push(change.type))
    return about
  }

  it('hold what was put, found by its indexes, and nothing of it after its deletion', () => {
    expect(put('ports/p-1', encode(port, 'w'))).toEqual(['port'])
    put('ports/p-1', encode({ ...port, tags: ['two'] }, 'w'))
    expect([...tables.ports.with('tags', 'one')]).toEqual([])
    expect([...tables.ports.with('tags', 'two')]).toHaveLength(1)
    expect(tables.ports.get('p-1')?.modRevision).toBe(2)
    tables.apply({ type: 'delete', key: 'ports/p-1', modRevision: 3 }, () => undefined)
    expect([...tables.ports.with('binding:host_id', 'host-1')]).toEqual([])
    expect(tables.ports.size).toBe(0)
  })

  const unreadable: [what: string, value: string][] = [
    ['truncated', encode(port, 'w').slice(0, 60)],
    ['of a newer schema', JSON.stringify({ schema: 2, write: 'w', data: port })],
    ['of another shape', encode({ ...port, fixed_ips: 'none' }, 'w')],
    ['of 1 MB and no record', 'x'.repeat(2 ** 20)],
    ['of 100,000 levels', '['.repeat(100_000)],
    ['empty', ''],
    ['null', 'null'],
  ]

  it.each(unreadable)('leave out a record that is %s, in one line, and go on', (_what, value) => {
    put('ports/p-1', value)
    put('ports/p-2', encode({ ...port, id: 'p-2' }, 'w'))
    expect([...tables.ports.values()].map(({ id }) => id)).toEqual(['p-2'])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('"ports/p-1"')
    expect((lines[0] ?? '').length).toBeLessThan(300)
  })

  it.each(unreadable)('keep what was known when a record becomes %s', (_what, value) => {
    put('ports/p-1', encode(port, 'w'))
    put('ports/p-1', value)
    expect(tables.ports.get('p-1')?.value).toEqual(port)
  })

  it('let nobody write what cannot be read, until it can be', () => {
    put('ports/p-1', 'nonsense')
    expect(() => tables.checkReadable(['ports/p-2', 'ports/p-1'])).toThrow(/"ports\/p-1".*nothing was changed/)
    put('ports/p-1', encode(port, 'w'))
    expect(() => tables.checkReadable(['ports/p-1'])).not.toThrow()
    put('ports/p-1', 'nonsense')
    tables.apply({ type: 'delete', key: 'ports/p-1', modRevision: 9 }, () => undefined)
    expect(() => tables.checkReadable(['ports/p-1'])).not.toThrow()
  })

  it('hold claims that cannot be read: of an address, a MAC, a VNI', () => {
    put(keys.address('s-1', '10.0.0.2'), '{"schema": 2}')
    put(keys.mac('n-1', 'fa:16:3e:00:00:01'), '{"schema": 2}')
    put(keys.vni(7), '{"schema": 2}')
    expect(tables.addresses.holder('s-1', '10.0.0.2')).toBe('unknown')
    expect(tables.macHolder('n-1', 'fa:16:3e:00:00:01')).toBe('unknown')
    expect(tables.vnis.get(7)).toBe('unknown')
  })

  it('take keys of any form, and tell them without their control characters', () => {
    for (const key of [
      '',
      '/',
      'ports',
      'addresses/s-1',
      'addresses/s-1/no address',
      'elsewhere/x',
      'ports/\u001b[31m\n',
    ])
      put(key, 'nonsense')
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
    expect(tables.ports.size).toBe(0)
    expect(tables.addresses.inUse('s-1')).toBe(0)
  })
})
