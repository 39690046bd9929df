import { describe, expect, it } from 'vitest'
import { readListQuery, selectFields } from './list-query.ts'

describe('the query of a list request', () => {
  it('passes filters on under their own names, a repeated one with all its values', () => {
    const { query } = readListQuery({ name: 'gold', fixed_ips: ['subnet_id=a', 'ip_address=10.0.0.2'], device_id: '' })
    expect(query).toEqual({ name: 'gold', fixed_ips: ['subnet_id=a', 'ip_address=10.0.0.2'], device_id: '' })
  })

  it('splits tag filters at commas', () => {
    const { query } = readListQuery({ tags: 'a,b', 'not-tags-any': ['c', 'd,e'] })
    expect(query).toEqual({ tags: ['a', 'b'], 'not-tags-any': ['c', 'd', 'e'] })
  })

  it('takes limit 0 as no limit, and then passes no marker over', () => {
    expect(readListQuery({ limit: '0', marker: 'x' })).toEqual({
      query: {},
      limit: undefined,
      pageReverse: false,
      fields: undefined,
    })
  })

  it('asks for the id besides the fields when paging, since the links need it', () => {
    expect(readListQuery({ limit: '2', fields: ['name'] }).query).toEqual({ limit: 2, fields: ['name', 'id'] })
    expect(readListQuery({ fields: ['name'] }).query).toEqual({ fields: ['name'] })
  })

  it('reads page_reverse as Neutron does: true in any case, all else is false', () => {
    expect(readListQuery({ limit: '1', page_reverse: 'TRUE' }).query).toEqual({ limit: 1, page_reverse: true })
    expect(readListQuery({ limit: '1', page_reverse: 'yes' }).query).toEqual({ limit: 1 })
  })

  it.each(['-1', '1.5', 'ten', '', '99999999999999999'])('refuses the limit %j, naming it', limit => {
    expect(() => readListQuery({ limit })).toThrow(`Limit must be an integer 0 or greater and not '${limit}'`)
  })

  it('refuses a sort key without its direction, and a direction that is none', () => {
    expect(() => readListQuery({ sort_key: 'name' })).toThrow(/number of sort_keys and sort_dirs must be same/)
    expect(() => readListQuery({ sort_key: 'name', sort_dir: 'up' })).toThrow(/up is invalid value for sort_dirs/)
  })
})

describe('a filter by what every object has', () => {
  it.each(['__proto__', 'constructor', 'toString'])('is refused: %s', name => {
    expect(() => readListQuery(Object.fromEntries([[name, '1']]))).toThrow(
      `[${name}] is invalid attribute for filtering`,
    )
  })
})

describe('fields', () => {
  it('keep only what was asked for and is there', () => {
    expect(selectFields({ id: '1', name: 'gold', mtu: 1450 }, ['name', 'colour'])).toEqual({ name: 'gold' })
    expect(selectFields({ id: '1' }, undefined)).toEqual({ id: '1' })
  })
})
