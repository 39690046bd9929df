import { describe, expect, it } from 'vitest'
import { NeutronError } from '../../neutron/errors.ts'
import type { Query } from '../../neutron/neutron.ts'
import { listResources } from './list-resources.ts'

interface Thing {
  id: string
  name: string
  tags: string[]
  admin_state_up?: boolean
  mac_address?: string
  size?: number | null
  fixed_ips?: { subnet_id: string; ip_address: string }[]
}

const things: Thing[] = [
  { id: 'a', name: 'x', tags: ['red', 'big'], admin_state_up: true, size: 10 },
  { id: 'b', name: 'y', tags: ['red'], admin_state_up: false, size: 9, mac_address: 'fa:16:3e:00:00:01' },
  { id: 'c', name: 'x', tags: [], size: null, fixed_ips: [{ subnet_id: 's', ip_address: 'fd00::1' }] },
]
const attributes = new Set(['id', 'name', 'tags', 'admin_state_up', 'mac_address', 'size', 'fixed_ips'])

function list(query: Query): Thing[] {
  return listResources(things, query, {
    attributes,
    marker: id => {
      const marked = [...things, { id: 'bb', name: 'of another list', tags: [] }].find(thing => thing.id === id)
      if (!marked) throw new NeutronError('NetworkNotFound', `Network ${id} could not be found.`)
      return marked
    },
  })
}

function ids(query: Query): string {
  return list(query)
    .map(({ id }) => id)
    .join('')
}

describe('filters', () => {
  it.each<[string, Query, string]>([
    ['one value', { name: 'x' }, 'ac'],
    ['any of several values', { id: ['a', 'b', 'nobody'] }, 'ab'],
    ['a boolean in Python’s spelling', { admin_state_up: 'True' }, 'a'],
    ['a MAC in capitals', { mac_address: 'FA:16:3E:00:00:01' }, 'b'],
    ['a number', { size: '10' }, 'a'],
    ['an absent value', { size: '' }, 'c'],
    ['all tags', { tags: 'red,big' }, 'a'],
    ['any tag', { 'tags-any': 'big,blue' }, 'a'],
    ['not all tags', { 'not-tags': 'red,big' }, 'bc'],
    ['not any tag', { 'not-tags-any': 'red' }, 'c'],
    ['an address in another spelling', { fixed_ips: 'ip_address=fd00:0::1' }, 'c'],
    ['a part of an address', { fixed_ips: 'ip_address_substr=fd00' }, 'c'],
    ['subnet and address together', { fixed_ips: ['subnet_id=other', 'ip_address=fd00::1'] }, ''],
    ['nothing, as when left out', { name: undefined }, 'abc'],
  ])('match %s', (_name, query, expected) => {
    expect(ids(query)).toBe(expected)
  })

  it.each(['__proto__', 'toString', 'constructor', 'hasOwnProperty', 'colour'])(
    'of no attribute are refused: %s',
    name => {
      const query = JSON.parse(`{${JSON.stringify(name)}: "1"}`) as Query
      expect(() => list(query)).toThrow(
        expect.objectContaining({ type: 'HTTPBadRequest', message: expect.stringContaining(name) as string }),
      )
    },
  )

  it('of addresses say what they expect', () => {
    expect(() => list({ fixed_ips: 'ip=1' })).toThrow("expected 'subnet_id=…'")
  })
})

describe('order', () => {
  it('is by id alone, by the keys asked for, and then by id', () => {
    expect(ids({})).toBe('abc')
    expect(ids({ sort_key: 'name', sort_dir: 'desc' })).toBe('bac')
    expect(ids({ sort_key: ['name', 'id'], sort_dir: ['asc', 'desc'] })).toBe('cab')
    expect(ids({ sort_key: 'size' })).toBe('cba')
  })

  it('by something else is refused', () => {
    for (const query of [{ sort_key: '__proto__' }, { sort_key: 'name', sort_dir: 'up' }, { sort_dir: 'asc' }])
      expect(() => list(query)).toThrow(expect.objectContaining({ type: 'HTTPBadRequest' }))
  })
})

describe('pages', () => {
  it('go on behind the marker, and back in front of it', () => {
    expect(ids({ limit: 2 })).toBe('ab')
    expect(ids({ limit: 2, marker: 'b' })).toBe('c')
    expect(ids({ limit: 1, marker: 'c', page_reverse: 'True' })).toBe('b')
    expect(ids({ limit: 2, page_reverse: true })).toBe('bc')
    expect(ids({ limit: 0 })).toBe('abc')
  })

  it('go on behind the place of a marker that the filters leave out', () => {
    expect(ids({ limit: 5, marker: 'bb' })).toBe('c')
    expect(ids({ limit: 5, marker: 'b', name: 'x' })).toBe('c')
  })

  it('of an unknown marker are not found, as in Neutron; without a limit Neutron does not look at it', () => {
    expect(() => list({ limit: 1, marker: 'gone' })).toThrow(expect.objectContaining({ type: 'NetworkNotFound' }))
    expect(ids({ marker: 'gone' })).toBe('abc')
  })

  it.each(['-1', 'many', '1.5', '99999999999'])('of limit %s are refused', limit => {
    expect(() => list({ limit })).toThrow(expect.objectContaining({ type: 'HTTPBadRequest' }))
  })
})

describe('fields', () => {
  it('are those asked for, and unknown ones are nothing', () => {
    expect(list({ id: 'a', fields: ['id', 'name', 'colour', '__proto__'] })).toEqual([{ id: 'a', name: 'x' }])
  })
})
