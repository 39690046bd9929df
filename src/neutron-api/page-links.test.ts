import { describe, expect, it } from 'vitest'
import { pageLinks } from './page-links.ts'

const url = new URL('http://127.0.0.1:9696/v2.0/networks?limit=2&name=a&marker=old&page_reverse=True')
const forward = { query: {}, limit: 2, pageReverse: false, fields: undefined }

describe('page links', () => {
  it('lead onwards from the last resource only when the page is full, and back from the first always', () => {
    const links = pageLinks(url, forward, ['a', 'b'])
    expect(links.map(link => link.rel)).toEqual(['next', 'previous'])
    expect(links[0]?.href).toBe('http://127.0.0.1:9696/v2.0/networks?limit=2&name=a&marker=b')
    expect(links[1]?.href).toBe('http://127.0.0.1:9696/v2.0/networks?limit=2&name=a&marker=a&page_reverse=True')
    expect(pageLinks(url, forward, ['a']).map(link => link.rel)).toEqual(['previous'])
  })

  it('are the other way round in reverse', () => {
    expect(pageLinks(url, { ...forward, pageReverse: true }, ['a']).map(link => link.rel)).toEqual(['next'])
  })

  it('are absent without a limit and for an empty page', () => {
    expect(pageLinks(url, { ...forward, limit: undefined }, ['a'])).toEqual([])
    expect(pageLinks(url, forward, [])).toEqual([])
  })
})
