import type { ServiceContext } from '../context.ts'
import { found, type Kind } from '../resource-kind.ts'
import { revised } from '../standard-attributes.ts'
import { commit } from '../writes/commit.ts'
import { checkedTags } from './tag-rules.ts'

interface Tagged {
  id: string
  tags: string[]
  revision_number: number
  updated_at: string
}

/** Adds and removes tags of one resource in one transaction; writes nothing when nothing changes. */
export async function changeTags<R extends Tagged>(
  context: ServiceContext,
  signal: AbortSignal,
  change: { kind: Kind<R>; id: string; add?: readonly string[]; remove?: readonly string[] },
): Promise<void> {
  const { kind, id, add = [], remove = [] } = change
  checkedTags(add)
  await commit(context, signal, ({ tables }) => {
    const row = found(kind, tables, id)
    const tags = checkedTags([...row.value.tags, ...add]).filter(tag => !remove.includes(tag))
    const same = tags.length === row.value.tags.length && tags.every(tag => row.value.tags.includes(tag))
    const key = kind.key(id)
    const changed = revised(context, row.value, { tags } as Partial<R>)
    return {
      when: [{ key, modRevision: row.modRevision }],
      put: same ? {} : { [key]: changed },
      delete: [],
      mark: key,
      result: undefined,
    }
  })
}
