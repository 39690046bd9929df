import { describe, expect, it } from 'vitest'
import type { NamedSearch } from './find-own-first.ts'
import { KnownNames } from './known-names.ts'

/** Two groups, each asked for by id or name; tells how often it was asked. */
function searchOf(kind: string): NamedSearch & { asked: unknown[] } {
  const all = ['web', 'db'].map(name => ({ id: `${kind} ${name}`, name, project_id: 'p' }))
  const asked: unknown[] = []
  const list: NamedSearch['collection']['list'] = query => {
    asked.push(query)
    return Promise.resolve(all.filter(({ name }) => [query.name].flat().includes(name)))
  }
  return { kind, option: 'o', collection: { list }, access: { ownProject: () => Promise.resolve('p') }, asked }
}

describe('KnownNames', () => {
  it('asks once for each name, and never for an id', async () => {
    const names = new KnownNames({ maxAge: 1000 })
    const search = searchOf('group')
    expect(await names.idsOf(search, [{ id: 'x' }, { name: 'db' }], {})).toEqual(['x', 'group db'])
    expect(await names.idsOf(search, [{ name: 'web' }, { id: 'x' }, { name: 'db' }], {})).toEqual([
      'group web',
      'x',
      'group db',
    ])
    expect(search.asked).toEqual([{ name: ['db'] }, { name: ['web'] }])
  })

  it('keeps kinds apart', async () => {
    const names = new KnownNames({ maxAge: 1000 })
    for (const kind of ['group', 'policy']) {
      expect(await names.idsOf(searchOf(kind), [{ name: 'web' }], {})).toEqual([`${kind} web`])
    }
  })

  it('asks again after maxAge, and when told to forget', async () => {
    let now = 0
    const names = new KnownNames({ maxAge: 1000, clock: () => now })
    const search = searchOf('group')
    const ask = (): Promise<string[]> => names.idsOf(search, [{ name: 'web' }], {})
    await ask()
    now = 999
    await ask()
    expect(search.asked).toHaveLength(1)
    now = 1000
    await ask()
    expect(search.asked).toHaveLength(2)
    expect(names.forget()).toBe(true)
    expect(names.forget()).toBe(false)
    await ask()
    expect(search.asked).toHaveLength(3)
  })

  it('remembers nothing of a refusal', async () => {
    const names = new KnownNames({ maxAge: 1000 })
    await expect(names.idsOf(searchOf('group'), [{ name: 'web' }, { name: 'nobody' }], {})).rejects.toThrow(
      'option o: no group with name "nobody" is in this project or shared with it',
    )
    expect(names.forget()).toBe(false)
  })
})
